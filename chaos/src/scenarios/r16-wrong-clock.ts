import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, rowOf, type Scenario } from "../scenario.ts";

const hourMs = 3_600_000;
const shifts = { "an hour ahead": hourMs, "an hour behind": -hourMs, "a year ahead": 365 * 24 * hourMs };

/** The load goes to the gateways with wrong clocks too, as if nobody asked whether they are ready. */
export const wrongClock: Scenario = {
  name: "R16",
  title: "one gateway's clock is wrong",
  target: "not ready past 5 min, everything accepted is stored",
  roles: ["gateway"],
  async run(world) {
    const ready: string[] = [];
    const finding = await runUnderLoad(world, { gateways: 1, workers: 1 }, async ({ system }) => {
      const slightly = await system.start("gateway", shiftedBy(4 * 60_000));
      if (!(await system.isReady(slightly))) ready.push("4 minutes ahead: not ready");
      for (const [name, shiftMs] of Object.entries(shifts)) {
        const gateway = await system.start("gateway", shiftedBy(shiftMs));
        if (await system.isReady(gateway)) ready.push(`${name}: ready`);
        await pause(2_000);
      }
    });
    return rowOf(finding, undefined, [
      mustHold("not ready past 5 minutes, ready below", ready.length === 0, ready.join("; ") || "yes"),
    ]);
  },
};

function shiftedBy(ms: number): Record<string, string> {
  const preload = fileURLToPath(new URL("../shift-clock.ts", import.meta.url));
  return { NODE_OPTIONS: `--import ${preload}`, CLOCK_SHIFT_MS: String(ms) };
}
