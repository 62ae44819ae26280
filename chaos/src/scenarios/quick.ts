import { setTimeout as pause } from "node:timers/promises";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import type { Random } from "../random.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { statusesOutside } from "../statuses.ts";
import type { Role } from "../system.ts";
import { whileFrozen } from "../while-frozen.ts";

/** One run for `npm test`: every kind of process is killed, the next one while the last one is still coming back. */
export const killEachKind: Scenario = {
  name: "QUICK",
  title: "kill -9 of each process in turn",
  target: "0 lost",
  roles: ["gateway", "worker", "queue", "store"],
  async run(world) {
    let inFlight = 0;
    let recoveryMs = 0;
    const finding = await runUnderLoad(world, { gateways: 2, workers: 2 }, async (experiment) => {
      const { system, receiver } = experiment;
      receiver.respondWith((_event, response) => setTimeout(() => response.end("ok"), 30));
      const returning: Promise<unknown>[] = [];
      for (const role of shuffled(["gateway", "worker", "queue", "store", "worker"] as const, world.random)) {
        // The claims of all workers, since a server's end can make every one of them repeat what it has in hand.
        inFlight += role === "store" ? 0 : await system.inHand().catch(() => 0);
        await pause(world.random.between(500, 2_000));
        world.say(`kill a ${role}`);
        returning.push(killAndBringBack(experiment, role));
      }
      await Promise.all(returning);
      recoveryMs = await experiment.untilDelivered();
    });
    const others = statusesOutside(finding.experiment.ledger, [
      "202",
      "409",
      "503",
      "ECONNRESET",
      "EPIPE",
      "ECONNREFUSED",
    ]);
    world.say(`${finding.duplicates} duplicates; ${inFlight} deliveries were seen in hand`);
    return rowOf(finding, recoveryMs, [
      mustHold("every answer is 202, 409 or 503", others === "", others || "yes"),
      mustTake("new events are delivered again", recoveryMs, 5_000, world),
    ]);
  },
};

async function killAndBringBack({ system, world }: Experiment, role: Role): Promise<void> {
  const kill = async () => {
    await pause(300);
    const parts = system.parts(role);
    if (parts.length > 0) system.signal(world.random.pick(parts), "SIGKILL");
  };
  // What is killed shall have something in hand.
  if (role === "queue") await whileFrozen(system, "worker", kill);
  else await kill();
  await system.start(role);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, rank: random.between(0, 1) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
