import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { statusesOutside } from "../statuses.ts";

/** As a failover with shared or copied disks does: another process has the data and answers at the address. */
export const moveQueue: Scenario = {
  name: "R19",
  title: "Redis moves to a new process on copied data",
  target: "0 lost, 503 within 1 s, recovery ≤ 5 s",
  roles: ["queue"],
  async run(world) {
    let recoveryMs = 0;
    const setup = { gateways: 2, workers: 2, stallMs: 60_000 };
    const finding = await runUnderLoad(world, setup, async (experiment) => {
      const moves = world.isQuick ? 1 : 3;
      for (let move = 1; move <= moves; move += 1) {
        await pause(world.random.between(1_000, 3_000));
        await experiment.system.moveQueue();
        const [acknowledgedMs, deliveredMs] = await Promise.all([
          experiment.untilAcknowledged(),
          experiment.untilDelivered(),
        ]);
        world.say(
          `move ${move} of ${moves}: acknowledges after ${acknowledgedMs.toFixed()} ms, delivers after ${deliveredMs.toFixed()} ms`,
        );
        recoveryMs = Math.max(recoveryMs, acknowledgedMs, deliveredMs);
      }
    });
    const { ledger } = finding.experiment;
    const others = statusesOutside(ledger, ["202", "409", "503"]);
    return rowOf(finding, recoveryMs, [
      mustHold("every answer is 202, 409 or 503", others === "", others || "yes"),
      mustTake("the slowest refusal", ledger.slowestRefusalMs, 1_000, world),
      mustTake("acknowledges and delivers again", recoveryMs, 5_000, world),
    ]);
  },
};
