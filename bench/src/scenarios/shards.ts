import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEventId } from "@triggers/domain";
import { type Consumer, createConsumer, createEventQueue, createShardedEventQueue } from "@triggers/queues";
import { createFailFastRedis, createLogger, createPatientRedis } from "@triggers/runtime";
import { type Redis, startRedis } from "../../../infra/redis.mjs";
import { type Column, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";
import { takeTurns } from "../take-turns.ts";

interface ShardRun {
  enqueuedPerSecond: number;
  finishedPerSecond: number;
}

const columns: Column<ShardRun>[] = [
  { heading: "enqueued/s", digits: 0, of: (run) => run.enqueuedPerSecond },
  { heading: "finished/s", digits: 0, of: (run) => run.finishedPerSecond },
];
const variants = ["1", "2", "4"] as const;
const inFlight = 200;

/**
 * The queue of events alone, over 1, 2 and 4 Redis processes of their own, each with `appendfsync always`: all events are
 * enqueued by one process, 200 at a time, then taken and ended by it. Where the machine has fewer cores than Redis
 * processes and clients together, they share them and nothing is gained.
 */
export const measureShards: MeasureScenario = async (_stack, options) => {
  const events = options.events ?? options.pick(50_000, 10_000);
  const runs = await takeTurns(
    "shards",
    options.runs,
    variants,
    (count) => measure(Number(count), events),
    (run) =>
      `${Math.round(run.enqueuedPerSecond)} enqueued/s, ${Math.round(run.finishedPerSecond)} finished/s`,
  );
  return {
    title: `Independent shards: ${events} events through 1, 2 and 4 Redis processes`,
    rows: runTable(columns, runs, ["4", "1"]),
    figures: [],
    raw: { events, runs },
  };
};

async function measure(count: number, events: number): Promise<ShardRun> {
  const dataDir = mkdtempSync(join(tmpdir(), "triggers-shards-"));
  const logger = createLogger({ level: "error", service: "bench" });
  const servers: Redis[] = [];
  for (let index = 0; index < count; index += 1)
    servers.push(await startRedis({ dataDir: join(dataDir, String(index)) }));
  const clients = servers.map(({ url }) =>
    createFailFastRedis(url, { name: "bench", commandTimeoutMs: 30_000, logger }),
  );
  const patient = servers.map(({ url }) => createPatientRedis(url, { name: "bench-jobs", logger }));
  for (const redis of [...clients, ...patient]) if (redis.status !== "ready") await once(redis, "ready");
  const queue = createShardedEventQueue(clients.map((redis) => createEventQueue(redis, "bench")));
  try {
    const organizations = Array.from({ length: 64 }, () => randomUUID());
    const enqueuedPerSecond = await rateOf(events, async () => {
      let next = 0;
      const sender = async () => {
        for (let n = next++; n < events; n = next++) {
          const job = { v: 1 as const, org: organizations[n % 64] ?? "", type: "a.b", payload: '{"n":1}' };
          await queue.enqueue(createEventId(Date.now()), job);
        }
      };
      await Promise.all(Array.from({ length: inFlight }, sender));
    });
    const consumers: Consumer[] = [];
    const finishedPerSecond = await rateOf(events, async () => {
      let finished = 0;
      const done = Promise.withResolvers<undefined>();
      for (const connection of patient) {
        const consumer = createConsumer({
          ...{ queueName: "events", connection, prefix: "bench", concurrency: inFlight / count },
          process: () => {
            finished += 1;
            if (finished === events) done.resolve(undefined);
            return Promise.resolve();
          },
          onError: (error) => done.reject(error),
          keepsFailed: true,
        });
        consumers.push(consumer);
      }
      await done.promise;
    });
    // Not a part of the time: who waits for jobs is told to stop first.
    await Promise.all(consumers.map((consumer) => consumer.close()));
    if ((await queue.depth()) !== 0) throw new Error("events are left in the queues");
    return { enqueuedPerSecond, finishedPerSecond };
  } finally {
    await queue.close();
    for (const redis of [...clients, ...patient]) redis.disconnect();
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function rateOf(events: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return events / ((performance.now() - startedAt) / 1_000);
}
