import { cpuSecondsOf } from "./cpu-time.ts";
import { fillQueue } from "./fill-queue.ts";
import { batchBody, eventBody, eventBodyWithDedup } from "./sample-event.ts";
import { sendLoad } from "./send-load.ts";
import { type ServerName, startIngestServer } from "./servers.ts";
import type { Stack } from "./stack.ts";
import { percentile } from "./statistics.ts";

export interface IngestRun {
  perSecond: number;
  p50: number;
  p95: number;
  p99: number;
  /** CPU time per request, in microseconds. */
  serverCpuUs: number;
  redisCpuUs: number;
}

export interface IngestPlan {
  connections: number;
  requests: number;
  warmUpRequests: number;
  withDedup: boolean;
  /** Events per request; single events where it is missing. */
  batchSize?: number;
  /** In thousands: how many events wait in the queue when it begins. */
  queuedBefore?: number;
}

/** One run against a fresh process and an empty Redis. Throws when not every 202 has a job. */
export async function measureIngest(
  name: ServerName,
  stack: Stack,
  databaseUrl: string,
  plan: IngestPlan,
  extra: Record<string, string> = {},
): Promise<IngestRun> {
  await stack.resetRedis();
  const path = plan.batchSize === undefined ? "/api/events" : "/api/events/batch";
  const server = await startIngestServer(name, stack, databaseUrl, extra, path);
  const batch = plan.batchSize === undefined ? undefined : batchBody(plan.batchSize);
  const send = (phase: string, requests: number) =>
    sendLoad({
      target: server.target,
      connections: plan.connections,
      requests,
      bodyOf: plan.withDedup
        ? (request) => eventBodyWithDedup(`${phase}-${request}`)
        : () => batch ?? eventBody(),
    });
  if (plan.queuedBefore !== undefined) await fillQueue(server.target, plan.queuedBefore);
  await send("warm-up", plan.warmUpRequests);
  const cpuNow = () => [cpuSecondsOf(server.process.pid), cpuSecondsOf(stack.redisPid)] as const;
  const [serverBefore, redisBefore] = cpuNow();
  const { elapsedMs, latenciesMs } = await send("measured", plan.requests);
  const [serverAfter, redisAfter] = cpuNow();
  await server.process.stop();

  const accepted = (plan.warmUpRequests + plan.requests) * (plan.batchSize ?? 1) + (plan.queuedBefore ?? 0);
  const { waiting } = await stack.countJobs(server.prefix);
  if (name !== "bare" && waiting !== accepted)
    throw new Error(`${name}: ${accepted} events were accepted, but ${waiting} jobs wait.`);
  const perRequestUs = (seconds: number) => (seconds * 1e6) / plan.requests;
  return {
    perSecond: plan.requests / (elapsedMs / 1_000),
    p50: percentile(latenciesMs, 0.5),
    p95: percentile(latenciesMs, 0.95),
    p99: percentile(latenciesMs, 0.99),
    serverCpuUs: perRequestUs(serverAfter - serverBefore),
    redisCpuUs: perRequestUs(redisAfter - redisBefore),
  };
}
