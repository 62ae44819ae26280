import { setTimeout as pause } from "node:timers/promises";
import { delaysOf, deliveryDelays } from "../delivery-delays.ts";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import { startHangingReceiver } from "../hanging-receiver.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import type { Part } from "../system.ts";
import { warmUp } from "../warm-up.ts";

const waiting = 2_000;

/** The load goes to healthy endpoints; beside it one organization's endpoint takes every request and answers none. */
export const hangingEndpoint: Scenario = {
  name: "R7",
  title: "one endpoint never answers",
  target: "the healthy p99 rises by ≤ 20 % or 50 ms",
  roles: ["gateway"],
  async run(world) {
    const hanging = await startHangingReceiver();
    let [before, during] = [delaysOf([]), delaysOf([])];
    const finding = await runUnderLoad(world, { gateways: 1, workers: 2 }, async (experiment) => {
      const { system, ledger } = experiment;
      const measureMs = world.isQuick ? 5_000 : 20_000;
      await warmUp(world);
      const startedAt = performance.now();
      await pause(measureMs);
      const hung = await system.createClient({ url: hanging.url, timeoutMs: 30_000 });
      const [gateway] = system.parts("gateway");
      if (gateway) await publishMany(experiment, hung, gateway);
      await hanging.waitFor(10);
      const hungAt = performance.now();
      await pause(measureMs);
      await experiment.settle(45_000);
      before = deliveryDelays(ledger, startedAt, startedAt + measureMs - 1_000);
      during = deliveryDelays(ledger, hungAt, hungAt + measureMs - 1_000);
    });
    await hanging.close();
    const limit = Math.max(before.p99Ms * 1.2, before.p99Ms + 50);
    const row = rowOf(finding, undefined, [
      mustHold("POSTs hung", hanging.count() > 0, `${hanging.count()}`),
      mustTake(
        `the healthy p99 (${before.p99Ms.toFixed()} ms before)`,
        during.p99Ms,
        Math.round(limit),
        world,
      ),
    ]);
    const measured = `healthy p99 ${before.p99Ms.toFixed()} → ${during.p99Ms.toFixed()} ms`;
    return { ...row, measured };
  },
};

async function publishMany(
  { system }: Experiment,
  client: Experiment["clients"][number],
  gateway: Part,
): Promise<void> {
  let number = 0;
  const sender = async () => {
    while (number < waiting) await system.publish(client, { number: -1 - number++ }, gateway);
  };
  await Promise.all(Array.from({ length: 20 }, sender));
}
