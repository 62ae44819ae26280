import { createTestDatabase } from "@triggers/testing";
import { setTimeout as pause } from "node:timers/promises";
import { countUnfinished } from "../backlog.ts";
import { cpuSecondsOf } from "../cpu-time.ts";
import { serversCpu } from "../pipeline-cpu.ts";
import { startEndpoint } from "../endpoint.ts";
import { saveEndpoint } from "../pipeline.ts";
import { type Column, runTable } from "../run-table.ts";
import { numberedEventBody } from "../sample-event.ts";
import type { MeasureScenario } from "../scenario.ts";
import { sendLoad } from "../send-load.ts";
import { startDrainWorker, startIngestServer } from "../servers.ts";
import type { Stack } from "../stack.ts";
import { takeTurns } from "../take-turns.ts";
import { verifyDelivered } from "../verify-delivered.ts";

interface DeliverRun {
  perSecond: number;
  /** CPU time per event, in microseconds. */
  workerUs: number;
  redisUs: number;
  postgresUs: number;
}

const columns: Column<DeliverRun>[] = [
  { heading: "events/s", digits: 0, of: (run) => run.perSecond },
  { heading: "worker CPU µs", digits: 0, of: (run) => run.workerUs },
  { heading: "Redis CPU µs", digits: 0, of: (run) => run.redisUs },
  { heading: "Postgres CPU µs", digits: 0, of: (run) => run.postgresUs },
];

/** One worker with nothing but deliveries to make: a backlog of accepted events, all for one endpoint. */
export const measureDelivering: MeasureScenario = async (stack, options) => {
  const events = options.events ?? options.pick(20_000, 5_000);
  const runs = await takeTurns(
    "deliver",
    options.runs,
    ["floor", "product"],
    (name) => drain(name, stack, events, name === "product" ? options.productSettings : {}),
    (run) => `${Math.round(run.perSecond)}/s`,
  );
  return {
    title: `one worker, gateway stopped: ${events} accepted events are persisted, delivered to one endpoint and recorded`,
    rows: runTable(columns, runs, ["product", "floor"]),
    figures: [
      {
        name: "delivered from a backlog",
        unit: "events/s",
        digits: 0,
        values: runs.product.map(({ perSecond }) => perSecond),
      },
    ],
    raw: runs,
  };
};

async function drain(
  name: "floor" | "product",
  stack: Stack,
  events: number,
  settings: Record<string, string>,
): Promise<DeliverRun> {
  await stack.resetRedis();
  const [endpoint, database] = await Promise.all([startEndpoint(), createTestDatabase()]);
  try {
    const gateway = await startIngestServer(name, stack, database.url);
    if (name === "product") await saveEndpoint(gateway, endpoint.url);
    await sendLoad({
      target: gateway.target,
      connections: 50,
      requests: events,
      bodyOf: numberedEventBody,
    });
    await gateway.process.stop();
    const extra = name === "floor" ? { WEBHOOK_URL: endpoint.url } : settings;
    const serversBefore = serversCpu(stack);
    const worker = await startDrainWorker(name, stack, database.url, extra);
    const workerBefore = cpuSecondsOf(worker.pid); // what it took to start
    const startedAt = performance.now();
    await waitUntilDelivered(name, stack, gateway.prefix, database.url);
    const seconds = (performance.now() - startedAt) / 1_000;
    const workerAfter = cpuSecondsOf(worker.pid);
    const serversAfter = serversCpu(stack);
    await worker.stop();
    const arrivals = await endpoint.arrivals();
    await verifyDelivered(name, stack, database.url, { accepted: events, numbered: events, arrivals });
    const perEventUs = (cpuSeconds: number) => (cpuSeconds * 1e6) / events;
    return {
      perSecond: events / seconds,
      workerUs: perEventUs(workerAfter - workerBefore),
      redisUs: perEventUs(serversAfter.redis - serversBefore.redis),
      postgresUs: perEventUs(serversAfter.postgres - serversBefore.postgres),
    };
  } finally {
    await endpoint.stop();
    await database.drop();
  }
}

/** No job is left, and nothing is parked in Postgres either. */
async function waitUntilDelivered(name: string, stack: Stack, prefix: string, url: string): Promise<void> {
  const open = "SELECT 1 FROM deliveries WHERE status IN ('pending', 'retrying') LIMIT 1";
  for (;;) {
    await pause(50);
    if ((await countUnfinished(stack, prefix)) > 0) continue;
    if (name === "floor" || (await stack.query(open, url)).length === 0) return;
  }
}
