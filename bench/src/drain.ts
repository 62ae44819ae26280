import { createTestDatabase } from "@triggers/testing";
import { waitUntilDrained } from "./backlog.ts";
import { cpuSecondsOf } from "./cpu-time.ts";
import { serversCpu } from "./pipeline-cpu.ts";
import { eventBody } from "./sample-event.ts";
import { readCommits } from "./read-commits.ts";
import { sendLoad } from "./send-load.ts";
import { startDrainWorker, startIngestServer } from "./servers.ts";
import type { Stack } from "./stack.ts";
import { verifyPersisted } from "./verify-persisted.ts";

export interface DrainRun {
  perSecond: number;
  commitsPerEvent: number;
  /** CPU time per event, in microseconds. */
  workerCpuUs: number;
  redisCpuUs: number;
  postgresCpuUs: number;
}

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
    const serversBefore = serversCpu(stack);
    const worker = await startDrainWorker(name, stack, database.url, extra);
    const workerBefore = cpuSecondsOf(worker.pid); // what it took to start
    await waitUntilDrained(stack, prefix, 600_000);
    const drainedAt = Date.now();
    const workerAfter = cpuSecondsOf(worker.pid);
    const serversAfter = serversCpu(stack);
    const startedAt = Date.parse(
      String(worker.log.find(({ message }) => message === "consuming")?.timestamp),
    );
    // A connection reports its commits when it ends, at the latest.
    await worker.stop();
    const commits = (await readCommits(stack, database.url)) - commitsBefore;

    await verifyPersisted(name, stack, database.url, events);
    const { failed } = await stack.countJobs(prefix);
    if (failed !== 0) throw new Error(`${name}: ${failed} jobs have failed.`);
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
