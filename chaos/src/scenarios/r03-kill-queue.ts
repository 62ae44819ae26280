import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { statusesOutside } from "../statuses.ts";
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
          const [acknowledgedMs, deliveredMs] = await Promise.all([
            experiment.untilAcknowledged(),
            experiment.untilDelivered(),
          ]);
          world.say(
            `kill ${kill} of ${kills}: acknowledges after ${acknowledgedMs.toFixed()} ms, delivers after ${deliveredMs.toFixed()} ms`,
          );
          recoveryMs = Math.max(recoveryMs, acknowledgedMs, deliveredMs);
        }
      },
    );
    const { ledger } = finding.experiment;
    const others = statusesOutside(ledger, ["202", "409", "503"]);
    return rowOf(finding, recoveryMs, [
      mustHold("every answer is 202, 409 or 503", others === "", others || "yes"),
      mustTake("the slowest refusal", ledger.slowestRefusalMs, 1_000, world),
      mustTake("acknowledges and delivers again", recoveryMs, 5_000, world),
    ]);
  },
};
