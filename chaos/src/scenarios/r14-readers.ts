import { setTimeout as pause } from "node:timers/promises";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import { mustHold, rowOf, type Scenario } from "../scenario.ts";
import type { Client } from "../system.ts";
import { followList, followStream, leaseAndAcknowledge, type ReadLog } from "../readers.ts";
import { whileFrozen } from "../while-frozen.ts";

const kinds = ["list", "stream", "lease"] as const;
type Kind = (typeof kinds)[number];

/** Batches commit out of order: four workers, one of which freezes again and again in the middle of a batch. */
export const readers: Scenario = {
  name: "R14",
  title: "three kinds of readers while a worker freezes in a batch",
  target: "each reads every event exactly once",
  roles: ["worker", "store"],
  async run(world) {
    const wrong: Record<Kind, { missed: string[]; repeated: string[]; failed: string[] }> = {
      list: { missed: [], repeated: [], failed: [] },
      stream: { missed: [], repeated: [], failed: [] },
      lease: { missed: [], repeated: [], failed: [] },
    };
    const counts = { list: 0, stream: 0, lease: 0 };
    let slowestMs = 0;
    const setup = { gateways: 2, workers: 4, hasReceivers: false };
    const finding = await runUnderLoad(world, setup, async (experiment) => {
      const { system, clients, load, settle, ledger } = experiment;
      const isOver = new AbortController();
      const reading = clients.map((client) => readAll(experiment, client, isOver.signal));
      await freezeWorkers(experiment);
      await load.stop();
      await settle();
      isOver.abort();
      for (const [index, logs] of (await Promise.all(reading)).entries()) {
        const client = clients[index];
        if (!client) continue;
        const stored = (await system.stored(client)).map(({ id }) => id);
        for (const kind of kinds) {
          const { readAt, repeated, failed } = logs[kind];
          counts[kind] += readAt.size;
          wrong[kind].missed.push(...stored.filter((id) => !readAt.has(id)));
          wrong[kind].repeated.push(...repeated);
          wrong[kind].failed.push(...failed);
        }
        for (const { id = "", acknowledgedAt = Infinity } of ledger.entries.values())
          slowestMs = Math.max(slowestMs, (logs.list.readAt.get(id) ?? 0) - acknowledgedAt);
      }
      world.say(`read: ${kinds.map((kind) => `${kind} ${counts[kind]}`).join(", ")}`);
    });
    const row = rowOf(
      finding,
      slowestMs,
      kinds.flatMap((kind) => {
        const { missed, repeated, failed } = wrong[kind];
        return [
          mustHold(`the ${kind} reader misses nothing`, missed.length === 0, say(missed)),
          mustHold(`the ${kind} reader gets nothing twice`, repeated.length === 0, say(repeated)),
          mustHold(`the ${kind} reader never fails`, failed.length === 0, say(failed)),
        ];
      }),
    );
    // What a reader never gets is lost to it, however well it is stored.
    const missed = kinds.reduce((sum, kind) => sum + wrong[kind].missed.length, 0);
    const measured = `read: ${kinds.map((kind) => `${kind} ${counts[kind]}`).join(", ")}`;
    return { ...row, lost: row.lost + missed, measured };
  },
};

async function readAll(
  { system, world }: Experiment,
  client: Client,
  isOver: AbortSignal,
): Promise<Record<Kind, ReadLog>> {
  const [list, stream, ...leases] = await Promise.all([
    followList(system, client, isOver),
    followStream(system, client, world.random, isOver),
    // Two, so that they compete for every event.
    leaseAndAcknowledge(system, client, isOver),
    leaseAndAcknowledge(system, client, isOver),
  ]);
  return { list, stream, lease: joinLogs(leases) };
}

/** Two who lease are one reader: an event is for one of them. */
function joinLogs(logs: readonly ReadLog[]): ReadLog {
  const joined: ReadLog = { readAt: new Map(), repeated: [], failed: [] };
  for (const { readAt, repeated, failed } of logs) {
    for (const [id, at] of readAt) {
      if (joined.readAt.has(id)) joined.repeated.push(id);
      joined.readAt.set(id, at);
    }
    joined.repeated.push(...repeated);
    joined.failed.push(...failed);
  }
  return joined;
}

async function freezeWorkers({ system, world }: Experiment): Promise<void> {
  const rounds = world.isQuick ? 4 : 15;
  for (let round = 0; round < rounds; round += 1) {
    const worker = world.random.pick(system.parts("worker"));
    const freeze = () => {
      system.signal(worker, "SIGSTOP");
    };
    // Postgres stands still first, so that the worker's batches are under way when it freezes.
    if (round % 2 === 0) await whileFrozen(system, "store", () => pause(300).then(freeze));
    else freeze();
    // Sometimes longer than Postgres lets anyone hold the feeds' locks.
    await pause(round % 5 === 4 ? 8_000 : world.random.between(100, 2_000));
    system.signal(worker, "SIGCONT");
    await pause(world.random.between(100, 1_000));
  }
}

const say = (items: readonly string[]) => (items.length === 0 ? "0" : `${items.length}, such as ${items[0]}`);
