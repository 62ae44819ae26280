import { setTimeout as pause } from "node:timers/promises";
import { delaysOf, deliveryDelays, ingestDelays } from "../delivery-delays.ts";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import type { Client } from "../system.ts";
import { warmUp } from "../warm-up.ts";

/**
 * One organization sends at a constant rate, a fifth more than its limit allows; what is refused must not come in all the same.
 * Quiet times and floods take turns, since what else happens on the machine would pass for the flood's doing.
 */
export const flood: Scenario = {
  name: "R8",
  title: "one organization floods at its limit",
  target: "another's ingest p99 +20 % or 5 ms, deliveries +100 ms",
  roles: ["gateway"],
  async run(world) {
    const turns = { quiet: [] as number[], flood: [] as number[] };
    const turnMs = world.isQuick ? 5_000 : 10_000;
    const refused = new Set<number>();
    const accepted = new Set<number>();
    let [smuggled, missing] = [0, 0];
    // Of a second, so that the limit is reached in one. What is accepted is the load of every scenario, half of it the
    // flooder's; each of the three others sends less.
    const limit = Math.ceil(world.rate / 2);
    const gatewaySettings = { RATE_LIMIT_ENTERPRISE: String(limit), RATE_LIMIT_WINDOW_MS: "1000" };
    // One worker: on two cores a second one takes from the gateways what it is to show.
    const setup = { gateways: 2, workers: 1, rate: limit, gatewaySettings };
    const finding = await runUnderLoad(world, setup, async (experiment) => {
      const { system, load, settle } = experiment;
      await warmUp(world);
      const flooder = await system.createClient();
      for (let round = 0; round < (world.isQuick ? 1 : 3); round += 1) {
        turns.quiet.push(performance.now());
        await pause(turnMs);
        turns.flood.push(performance.now());
        await floodWith(experiment, flooder, { rate: limit * 1.2, forMs: turnMs, accepted, refused });
      }
      await load.stop();
      await settle();
      for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 500) {
        const stored = new Set((await system.stored(flooder)).map((event) => event.number));
        smuggled = [...refused].filter((own) => stored.has(own)).length;
        missing = [...accepted].filter((own) => !stored.has(own)).length;
        if (missing === 0) break;
        await pause(500);
      }
      world.say(`the flooder: ${accepted.size} accepted, ${refused.size} refused`);
    });
    const { ledger } = finding.experiment;
    /** The middle one of all turns: one that the machine disturbed proves nothing. */
    const p99 = (delays: typeof ingestDelays, starts: readonly number[]) =>
      delaysOf(starts.map((from) => delays(ledger, from, from + turnMs - 1_000).p99Ms)).medianMs;
    const ingest = [p99(ingestDelays, turns.quiet), p99(ingestDelays, turns.flood)] as const;
    const delivery = [p99(deliveryDelays, turns.quiet), p99(deliveryDelays, turns.flood)] as const;
    const row = rowOf(finding, undefined, [
      mustHold("the flooder was refused", refused.size > 0, `${refused.size} × 429`),
      mustHold(
        "nothing that was refused came in",
        smuggled === 0,
        `${smuggled} events answered with 429 are stored`,
      ),
      mustHold("nothing of the flooder's is lost", missing === 0, `${missing}`),
      mustTake("ingest p99", ingest[1], Math.round(Math.max(ingest[0] * 1.2, ingest[0] + 5)), world),
      mustTake("delivery p99", delivery[1], Math.round(delivery[0] + 100), world),
    ]);
    const rise = ([quiet, flooded]: readonly [number, number]) =>
      `${quiet.toFixed(1)} → ${flooded.toFixed(1)} ms`;
    const measured = `p99 of the others: ingest ${rise(ingest)}, delivery ${rise(delivery)}`;
    return { ...row, lost: row.lost + missing, measured };
  },
};

async function floodWith(
  { system }: Experiment,
  flooder: Client,
  { rate, forMs, accepted, refused }: FloodOptions,
): Promise<void> {
  const gateways = system.parts("gateway");
  const startedAt = performance.now();
  const before = accepted.size + refused.size;
  const open = new Set<Promise<void>>();
  let sent = 0;
  const send = async (number: number) => {
    const gateway = gateways[-number % gateways.length];
    if (!gateway) return;
    const { outcome, status } = await system.publish(flooder, { number }, gateway);
    if (outcome === "accepted") accepted.add(number);
    else if (status === 429) refused.add(number);
  };
  for (let pastMs = 0; pastMs < forMs; pastMs = performance.now() - startedAt) {
    for (; sent < (pastMs / 1_000) * rate && open.size < 500; sent += 1) {
      const sending = send(-1 - before - sent).finally(() => open.delete(sending));
      open.add(sending);
    }
    await pause(10);
  }
  await Promise.all(open);
}

interface FloodOptions {
  /** Events a second. */
  rate: number;
  forMs: number;
  /** Numbers, by what was answered. */
  accepted: Set<number>;
  refused: Set<number>;
}
