import { setTimeout as pause } from "node:timers/promises";
import { type Delays, delaysOf, deliveryDelays } from "../delivery-delays.ts";
import { type Experiment, type Finding, runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import type { HeldEvent } from "../system.ts";
import { warmUp } from "../warm-up.ts";
import { whileFrozen } from "../while-frozen.ts";

/** Two workers; the one that is killed is replaced at once, and kills come before the last one's jobs have come back. */
export const killWorkers: Scenario = {
  name: "R2",
  title: "kill -9 of a worker",
  target: "0 lost, duplicates ≤ in flight, resumed ≤ 30 s, all else at once",
  roles: ["worker", "store"],
  async run(world) {
    let inFlight = 0;
    let quiet = { from: 0, to: 0 };
    /** The last kill of a worker that had the event in hand, by the event's id. */
    const heldAt = new Map<string, number>();
    // So many endpoints that their slots, ten each, bound nothing: the question is what a death costs, not what they bear.
    const setup = { gateways: 1, workers: 2, clients: 12, stallMs: 45_000 };
    const finding = await runUnderLoad(world, setup, async ({ system, receiver }) => {
      // So that every kill finds deliveries under way.
      receiver.respondWith((_event, response) =>
        setTimeout(() => response.end("ok"), world.random.between(5, 60)),
      );
      await warmUp(world);
      const quietAt = performance.now();
      await pause(world.isQuick ? 2_000 : 8_000);
      quiet = { from: quietAt, to: performance.now() - 1_000 };
      const kills = world.isQuick ? 3 : 20;
      const returning: Promise<unknown>[] = [];
      for (let kill = 1; kill <= kills; kill += 1) {
        await pause(world.random.between(500, world.isQuick ? 3_000 : 9_000));
        while (system.parts("worker").length < 2) await pause(50);
        const victim = world.random.pick(system.parts("worker"));
        let killedAt = 0;
        const killVictim = async (waitMs: number) => {
          await pause(waitMs);
          killedAt = performance.now();
          system.signal(victim, "SIGKILL");
        };
        // Every second kill falls into a batch, which then waits for its commit.
        if (kill % 2 === 1) await whileFrozen(system, "store", () => killVictim(300));
        else await killVictim(0);
        // A dead worker's claims stay until they run out, so they can be counted after its death.
        const [claims, held] = await Promise.all([system.inHand(), system.held()]);
        inFlight += claims;
        returning.push(system.start("worker"));
        const noteOrphans = stillHeld(system, held).then((orphans) => {
          for (const { id } of orphans) heldAt.set(id, Math.max(killedAt, heldAt.get(id) ?? 0));
          world.say(
            `kill ${kill} of ${kills}: ${victim.name}, ${claims} claims were open, nobody's: ${countByKind(orphans)}`,
          );
        });
        returning.push(noteOrphans);
      }
      await Promise.all(returning);
    });
    const { inHand, others } = splitDelays(finding, heldAt);
    const { duplicates } = finding;
    const row = rowOf(finding, inHand.slowestMs, [
      mustHold(
        "duplicates ≤ deliveries in flight at the kills",
        duplicates <= inFlight,
        `${duplicates} ≤ ${inFlight}`,
      ),
      mustHold("kills found work in hand", inHand.count > 0, `${inHand.count} events`),
      mustTake("what killed workers had in hand, the slowest", inHand.slowestMs, 30_000, world),
      mustTake(`all else (${others.count} events), the median`, others.medianMs, 500, world),
      mustTake("all else, 99 of 100", others.p99Ms, 1_000, world),
    ]);
    const before = deliveryDelays(finding.experiment.ledger, quiet.from, quiet.to);
    const measured = `in hand: ${say(inHand)}; all else: ${say(others)}; before the first kill: ${say(before)}`;
    return { ...row, measured };
  },
};

/** What is still in the same hands after two seconds, in which a living worker ends what it has: a dead one's. */
async function stillHeld(system: Experiment["system"], before: HeldEvent[]): Promise<HeldEvent[]> {
  await pause(2_000);
  const keyOf = ({ job, holder }: HeldEvent) => `${job} ${holder}`;
  const now = new Set((await system.held()).map(keyOf));
  return before.filter((held) => now.has(keyOf(held)));
}

function countByKind(held: readonly HeldEvent[]): string {
  const kinds = Object.groupBy(held, ({ job }) => job.split(" ")[0] ?? job);
  return Object.entries(kinds)
    .map(([kind, jobs = []]) => `${jobs.length} ${kind}`)
    .join(", ");
}

/** From its acknowledgement; for what was in a killed worker's hands, from the last such kill. */
function splitDelays(
  { experiment: { ledger } }: Finding,
  heldAt: ReadonlyMap<string, number>,
): { inHand: Delays; others: Delays } {
  const [inHand, others]: [number[], number[]] = [[], []];
  for (const { number, id = "", acknowledgedAt } of ledger.entries.values()) {
    const receivedAt = ledger.receipts.get(number)?.firstAt;
    if (acknowledgedAt === undefined || receivedAt === undefined) continue;
    const killedAt = heldAt.get(id);
    if (killedAt === undefined) others.push(Math.max(0, receivedAt - acknowledgedAt));
    // Delivered before the kill, and only its end was still to be written down.
    else if (receivedAt > killedAt) inHand.push(receivedAt - killedAt);
  }
  return { inHand: delaysOf(inHand), others: delaysOf(others) };
}

const say = ({ medianMs, p99Ms, slowestMs }: Delays) =>
  `p50 ${medianMs.toFixed()}, p99 ${p99Ms.toFixed()}, max ${slowestMs.toFixed()} ms`;
