import { setTimeout as pause } from "node:timers/promises";
import { createTestDatabase } from "@triggers/testing";
import { cpuSecondsOf } from "./cpu-time.ts";
import { eventBody } from "./sample-event.ts";
import { readCommits } from "./read-commits.ts";
import { sendLoad } from "./send-load.ts";
import { startDrainWorker, startIngestServer } from "./servers.ts";
import type { Stack } from "./stack.ts";

export interface DrainRun {
  perSecond: number;
  commitsPerEvent: number;
  /** CPU time per event, in microseconds. */
  workerCpuUs: number;
  redisCpuUs: number;
  postgresCpuUs: number;
}

const tables = { floor: "floor_events", product: "events" };

/**
 * Accepts events while the worker is stopped, then lets one worker persist them. The clock starts when the worker says
 * that it consumes and stops when no job is left. Throws when accepted and persisted differ.
 */
export async function measureDrain(
  name: "floor" | "product",
  stack: Stack,
  events: number,
  extra: Record<string, string> = {},
): Promise<DrainRun> {
  await stack.resetRedis();
  const database = await createTestDatabase();
  try {
    const { process: gateway, prefix, target } = await startIngestServer(name, stack, database.url);
    await sendLoad({ target, connections: 50, requests: events, bodyOf: eventBody });
    await gateway.stop();
    const { waiting } = await stack.countJobs(prefix);
    if (waiting !== events) throw new Error(`${name}: ${events} were accepted, but ${waiting} jobs wait.`);

    const commitsBefore = await readCommits(stack, database.url);
    const serversBefore = readCpu(stack);
    const worker = await startDrainWorker(name, stack, database.url, extra);
    const workerBefore = cpuSecondsOf(worker.pid); // what it took to start
    await waitUntilDrained(stack, prefix);
    const drainedAt = Date.now();
    const workerAfter = cpuSecondsOf(worker.pid);
    const serversAfter = readCpu(stack);
    const startedAt = Date.parse(
      String(worker.log.find(({ message }) => message === "consuming")?.timestamp),
    );
    // A connection reports its commits when it ends, at the latest.
    await worker.stop();
    const commits = (await readCommits(stack, database.url)) - commitsBefore;

    const [stored] = await stack.query<{ count: string }>(
      `SELECT count(*) FROM ${tables[name]}`,
      database.url,
    );
    const { failed } = await stack.countJobs(prefix);
    if (Number(stored?.count) !== events || failed !== 0)
      throw new Error(`${name}: accepted ${events}, persisted ${stored?.count}, failed jobs ${failed}.`);
    const perEventUs = (seconds: number) => (seconds * 1e6) / events;
    return {
      perSecond: events / ((drainedAt - startedAt) / 1_000),
      commitsPerEvent: commits / events,
      workerCpuUs: perEventUs(workerAfter - workerBefore),
      redisCpuUs: perEventUs(serversAfter.redis - serversBefore.redis),
      postgresCpuUs: perEventUs(serversAfter.postgres - serversBefore.postgres),
    };
  } finally {
    await database.drop();
  }
}

async function waitUntilDrained(stack: Stack, prefix: string): Promise<void> {
  while ((await stack.countJobs(prefix)).unfinished > 0) await pause(20);
}

function readCpu(stack: Stack): { redis: number; postgres: number } {
  return { redis: cpuSecondsOf(stack.redisPid), postgres: cpuSecondsOf(stack.postmasterPid, true) };
}
