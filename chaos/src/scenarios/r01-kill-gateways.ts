import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { rowOf, type Scenario } from "../scenario.ts";

/** A supervisor starts another gateway for each that is killed; the next kill may come before that one listens. */
export const killGateways: Scenario = {
  name: "R1",
  title: "kill -9 of a gateway",
  target: "0 lost",
  roles: ["gateway"],
  async run(world) {
    let recoveryMs = 0;
    const finding = await runUnderLoad(
      world,
      { gateways: 3, workers: 1 },
      async ({ system, ...experiment }) => {
        const kills = world.isQuick ? 4 : 20;
        const starting: Promise<unknown>[] = [];
        for (let kill = 1; kill <= kills; kill += 1) {
          await pause(world.random.between(200, 1_500));
          // One that survives: with none left there is nothing to acknowledge and nothing to lose.
          while (system.parts("gateway").length < 2) await pause(50);
          const victim = world.random.pick(system.parts("gateway"));
          world.say(`kill ${kill} of ${kills}: ${victim.name}`);
          system.signal(victim, "SIGKILL");
          starting.push(system.start("gateway"));
          recoveryMs = Math.max(recoveryMs, await experiment.untilAcknowledged());
        }
        await Promise.all(starting);
      },
    );
    return rowOf(finding, recoveryMs, []);
  },
};
