import { setTimeout as pause } from "node:timers/promises";
import { judge, type Judgement } from "./judge.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { type Load, startLoad } from "./load.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import type { Client, EventSystem, SystemOptions } from "./system.ts";
import type { World } from "./world.ts";

/** A running system under load, as a scenario's fault sees it. */
export interface Experiment {
  system: EventSystem;
  clients: Client[];
  ledger: Ledger;
  receiver: Receiver;
  load: Load;
  world: World;
  /** From now until the first event that is sent later is acknowledged, in ms. */
  untilAcknowledged: (timeoutMs?: number) => Promise<number>;
  /** From now until the first event that is sent later is delivered, in ms. */
  untilDelivered: (timeoutMs?: number) => Promise<number>;
  /** Resolves when all that is acknowledged has been delivered, or nothing has moved for `stallMs`. */
  settle: (stallMs?: number) => Promise<void>;
}

export interface Finding extends Judgement {
  experiment: Experiment;
  longestOutageMs: number;
}

export interface Setup extends SystemOptions {
  /** Without receivers nothing is delivered and nothing is waited for but the store. */
  hasReceivers?: boolean;
  rate?: number;
  /** Longest wait without progress before what is missing counts as lost: beyond a claim, a stall and a sweep. */
  stallMs?: number;
  clients?: number;
}

/** Starts a system, loads it, injects the fault, lets it come to rest, and compares. */
export async function runUnderLoad(
  world: World,
  setup: Setup,
  inject: (experiment: Experiment) => Promise<void>,
): Promise<Finding> {
  const system = await world.startSystem(setup);
  const ledger = createLedger();
  const receiver = await startReceiver(ledger, (headers, body) => system.readWebhook(headers, body));
  const hasReceivers = setup.hasReceivers ?? true;
  try {
    const clients: Client[] = [];
    for (let index = 0; index < (setup.clients ?? 3); index += 1) {
      clients.push(await system.createClient(hasReceivers ? { url: receiver.url } : undefined));
    }
    const rate = setup.rate ?? world.rate;
    const load = startLoad({ system, clients, ledger, rate, run: `${world.seed}` });
    const experiment = createExperiment({ system, clients, ledger, receiver, load, world }, hasReceivers);
    await experiment.untilAcknowledged();
    await pause(1_000);
    const loadedFrom = performance.now();
    await inject(experiment);
    const loadedUntil = load.endedAt() ?? performance.now();
    const longestOutageMs = longestGapMs(ledger.acknowledgedAt, loadedFrom, loadedUntil);
    await load.stop();
    await experiment.settle(setup.stallMs);
    const judgement = await judge(system, clients, ledger, hasReceivers);
    return { ...judgement, experiment, longestOutageMs };
  } finally {
    await system.stop();
    await receiver.close();
  }
}

type Parts = Omit<Experiment, "untilAcknowledged" | "untilDelivered" | "settle">;

function createExperiment(parts: Parts, hasReceivers: boolean): Experiment {
  const { ledger, system, clients } = parts;
  const waitUntil = async (isDone: () => boolean | Promise<boolean>, timeoutMs: number) => {
    const startedAt = performance.now();
    while (!(await isDone()) && performance.now() - startedAt < timeoutMs) await pause(20);
    return performance.now() - startedAt;
  };
  const countDone = async () => {
    if (hasReceivers) return ledger.receipts.size;
    const stored = await Promise.all(clients.map((client) => system.stored(client)));
    return stored.reduce((sum, events) => sum + events.length, 0);
  };
  return {
    ...parts,
    untilAcknowledged(timeoutMs = 60_000) {
      const now = performance.now();
      return waitUntil(() => ledger.newestAcknowledged > now, timeoutMs);
    },
    untilDelivered(timeoutMs = 120_000) {
      const now = performance.now();
      return waitUntil(() => ledger.newestDelivered > now, timeoutMs);
    },
    async settle(stallMs = 120_000) {
      const goal = [...ledger.entries.values()].filter((entry) => entry.acknowledgedAt !== undefined);
      const isComplete = (done: number) =>
        hasReceivers ? goal.every(({ number }) => ledger.receipts.has(number)) : done >= goal.length;
      let [best, movedAt] = [-1, performance.now()];
      while (performance.now() - movedAt < stallMs) {
        const done = await countDone();
        if (isComplete(done)) return;
        if (done > best) [best, movedAt] = [done, performance.now()];
        await pause(250);
      }
    },
  };
}

/** The longest time without an acknowledgement between two moments. */
function longestGapMs(times: readonly number[], from: number, to: number): number {
  let [longest, last] = [0, from];
  for (const time of [...times.filter((time) => time > from && time < to), to]) {
    longest = Math.max(longest, time - last);
    last = time;
  }
  return longest;
}
