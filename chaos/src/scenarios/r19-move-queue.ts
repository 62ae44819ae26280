import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { judgeQueueOutage, untilRecovered } from "../judge-queue-outage.ts";
import type { Scenario } from "../scenario.ts";

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
        const what = `move ${move} of ${moves}`;
        recoveryMs = Math.max(recoveryMs, await untilRecovered(experiment, world, what));
      }
    });
    return judgeQueueOutage(finding, recoveryMs, world);
  },
};
