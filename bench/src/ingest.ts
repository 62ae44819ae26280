import { cpuSecondsOf } from "./cpu-time.ts";
import { eventBody, eventBodyWithDedup } from "./sample-event.ts";
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
  const server = await startIngestServer(name, stack, databaseUrl, extra);
  const send = (phase: string, requests: number) =>
    sendLoad({
      target: server.target,
      connections: plan.connections,
      requests,
      bodyOf: plan.withDedup ? (request) => eventBodyWithDedup(`${phase}-${request}`) : eventBody,
    });
  await send("warm-up", plan.warmUpRequests);
  const cpuNow = () => [cpuSecondsOf(server.process.pid), cpuSecondsOf(stack.redisPid)] as const;
  const [serverBefore, redisBefore] = cpuNow();
  const { elapsedMs, latenciesMs } = await send("measured", plan.requests);
  const [serverAfter, redisAfter] = cpuNow();
  await server.process.stop();

  const accepted = plan.warmUpRequests + plan.requests;
  const { waiting } = await stack.countJobs(server.prefix);
  if (name !== "bare" && waiting !== accepted)
    throw new Error(`${name}: ${accepted} requests were accepted, but ${waiting} jobs wait.`);
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
