import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { judgeQueueOutage, untilRecovered } from "../judge-queue-outage.ts";
import type { Scenario } from "../scenario.ts";
import { whileFrozen } from "../while-frozen.ts";

export const killQueue: Scenario = {
  name: "R3",
  title: "kill -9 and restart of Redis",
  target: "0 lost, 503 within 1 s, recovery ≤ 5 s",
  roles: ["queue", "worker"],
  async run(world) {
    let recoveryMs = 0;
    const finding = await runUnderLoad(
      world,
      { gateways: 2, workers: 2, stallMs: 60_000 },
      async (experiment) => {
        const { system } = experiment;
        const kills = world.isQuick ? 2 : 10;
        for (let kill = 1; kill <= kills; kill += 1) {
          await pause(world.random.between(500, 3_000));
          const killAndRestart = async (waitMs: number) => {
            await pause(waitMs);
            const [queue] = system.parts("queue");
            if (queue) system.signal(queue, "SIGKILL");
            await pause(world.random.between(0, 2_000));
            await system.start("queue");
          };
          // Every second kill finds events that are in Redis and in no worker's memory.
          if (kill % 2 === 1) await whileFrozen(system, "worker", () => killAndRestart(500));
          else await killAndRestart(0);
          const what = `kill ${kill} of ${kills}`;
          recoveryMs = Math.max(recoveryMs, await untilRecovered(experiment, world, what));
        }
      },
    );
    return judgeQueueOutage(finding, recoveryMs, world);
  },
};
