import { setTimeout as pause } from "node:timers/promises";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { statusesOutside } from "../statuses.ts";

export const killStore: Scenario = {
  name: "R4",
  title: "kill -9 of Postgres; away for 60 s",
  target: "0 lost, 0 errors, drains by itself",
  roles: ["store"],
  async run(world) {
    let recoveryMs = 0;
    const away = async ({ system, untilDelivered }: Experiment, awayMs: number) => {
      const [store] = system.parts("store");
      if (store) system.signal(store, "SIGKILL");
      await pause(awayMs);
      await system.start("store");
      const deliveredMs = await untilDelivered();
      world.say(`away for ${awayMs.toFixed()} ms, delivers new events after ${deliveredMs.toFixed()} ms`);
      recoveryMs = Math.max(recoveryMs, deliveredMs);
    };
    const finding = await runUnderLoad(world, { gateways: 2, workers: 2 }, async (experiment) => {
      for (const awayMs of world.isQuick ? [0, 5_000] : [0, world.random.between(0, 3_000), 60_000]) {
        await away(experiment, awayMs);
        await pause(world.random.between(500, 2_000));
      }
    });
    const { ledger } = finding.experiment;
    const others = statusesOutside(ledger, ["202"]);
    return rowOf(finding, recoveryMs, [
      mustHold("every answer is 202", others === "", others || "yes"),
      mustTake("delivers new events again", recoveryMs, 60_000, world),
    ]);
  },
};
