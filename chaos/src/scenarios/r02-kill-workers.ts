import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { deliveryDelays } from "../delivery-delays.ts";
import { whileFrozen } from "../while-frozen.ts";

/** Two workers; the one that is killed is replaced at once, and kills come before the last one's jobs have come back. */
export const killWorkers: Scenario = {
  name: "R2",
  title: "kill -9 of a worker",
  target: "0 lost, duplicates ≤ in flight, resumed ≤ 30 s",
  async run(world) {
    let inFlight = 0;
    const killedAt: number[] = [];
    const setup = { gateways: 1, workers: 2, stallMs: 45_000 };
    const finding = await runUnderLoad(world, setup, async ({ system, receiver }) => {
      // So that every kill finds deliveries under way.
      receiver.respondWith((_event, response) =>
        setTimeout(() => response.end("ok"), world.random.between(5, 60)),
      );
      const kills = world.isQuick ? 3 : 20;
      const starting: Promise<unknown>[] = [];
      for (let kill = 1; kill <= kills; kill += 1) {
        await pause(world.random.between(500, 3_000));
        while (system.parts("worker").length < 2) await pause(50);
        const victim = world.random.pick(system.parts("worker"));
        const killVictim = async (waitMs: number) => {
          await pause(waitMs);
          killedAt.push(performance.now());
          system.signal(victim, "SIGKILL");
        };
        // Every second kill falls into a batch, which then waits for its commit.
        if (kill % 2 === 1) await whileFrozen(system, "store", () => killVictim(300));
        else await killVictim(0);
        // A dead worker's claims stay until they run out, so they can be counted after its death.
        const claims = await system.inHand();
        inFlight += claims;
        world.say(`kill ${kill} of ${kills}: ${victim.name}, ${claims} deliveries in hand`);
        starting.push(system.start("worker"));
      }
      await Promise.all(starting);
    });
    const delays = deliveryDelays(finding.experiment.ledger, killedAt);
    const { duplicates } = finding;
    return rowOf(finding, delays.slowestMs, [
      mustHold(
        "duplicates ≤ deliveries in flight at the kills",
        duplicates <= inFlight,
        `${duplicates} ≤ ${inFlight}`,
      ),
      mustTake("what a killed worker had in hand is delivered", delays.slowestMs, 30_000, world),
      mustTake("half of all others are delivered", delays.medianMs, 1_000, world),
    ]);
  },
};
