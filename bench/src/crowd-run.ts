import { startApp } from "@triggers/testing";
import { fileURLToPath } from "node:url";
import { pipelineCpu } from "./pipeline-cpu.ts";
import {
  type EndpointCrowd,
  type EndpointKind,
  kindOfArrival,
  saveEndpoints,
  slotsPerSubscriber,
  subscriberOf,
} from "./endpoint-crowd.ts";
import { startPipeline } from "./pipeline.ts";
import type { PipelinePlan } from "./pipeline-run.ts";
import { numberedEventBody } from "./sample-event.ts";
import { sendLoad } from "./send-load.ts";
import { sendOpenLoop } from "./send-open-loop.ts";
import type { Stack } from "./stack.ts";
import { percentile } from "./statistics.ts";
import { verifyCrowd, waitUntilHealthyDelivered } from "./verify-crowd.ts";

export interface CrowdRun {
  acceptP99: number;
  healthyP50: number;
  healthyP95: number;
  healthyP99: number;
  dropped: number;
  duplicates: number;
  /** Attempts that failed while it ran. */
  failures: number;
  timeouts: number;
  /** CPU milliseconds per event until all healthy deliveries were recorded, what failed meanwhile included. */
  cpu: Record<"gateway" | "worker" | "redis" | "postgres", number>;
}

interface CrowdArrivals {
  /** By `event * slots + slot`, only of healthy endpoints. */
  arrivedAt: (number | null)[];
  duplicates: number;
}

const warmUpEvents = 500;

/** Events at a constant rate, each for a subscriber with three endpoints. Throws when counts or states are not right. */
export async function measureCrowd(
  stack: Stack,
  crowd: EndpointCrowd,
  plan: PipelinePlan,
  productSettings: Record<string, string>,
): Promise<CrowdRun> {
  const receiver = await startApp(fileURLToPath(new URL("./mixed-receiver-server.ts", import.meta.url)), {});
  const pipeline = await startPipeline("product", stack, undefined, productSettings);
  const readCpu = () => pipelineCpu(stack, pipeline);
  try {
    const { target, database } = pipeline;
    const urls = { databaseUrl: database.url, receiverUrl: receiver.url };
    await saveEndpoints(target, receiver.url, crowd);
    const bodyOf = (event: number) =>
      `{"subscriber":"subscriber-${subscriberOf(crowd, event)}",${numberedEventBody(event).slice(1)}`;
    // Without a number, so that they are not taken for arrivals of the run.
    const warmUpBody = (event: number) => bodyOf(event).replace(/"n":\d+,/, "");
    await sendLoad({ target, connections: 4, requests: warmUpEvents, bodyOf: warmUpBody });
    const warmUp = countDeliveries(crowd, warmUpEvents);
    await waitUntilHealthyDelivered(stack, urls, warmUp, 60_000);

    const before = readCpu();
    const sent = await sendOpenLoop({ target, ...plan, connections: 128, bodyOf });
    const numbered = countDeliveries(crowd, sent.accepted);
    const expected = Object.fromEntries(
      Object.entries(numbered).map(([kind, count]) => [kind, count + warmUp[kind as EndpointKind]]),
    ) as typeof numbered;
    await waitUntilHealthyDelivered(stack, urls, expected, 120_000);
    const after = readCpu();
    const arrivals = (await (await fetch(receiver.url)).json()) as CrowdArrivals;
    const latenciesMs = latenciesOf(arrivals, { ...plan, startedAt: sent.startedAt });
    if (latenciesMs.length !== numbered.healthy)
      throw new Error(`${latenciesMs.length} of ${numbered.healthy} healthy deliveries arrived.`);
    // Stopped first: what waits and what was attempted must agree at one moment, and interrupted ones count neither way.
    await pipeline.worker.stop();
    const { failures = NaN, timeouts = NaN } = await verifyCrowd(stack, database.url, expected);
    const perEvent = (part: keyof typeof before) => ((after[part] - before[part]) * 1_000) / sent.accepted;
    return {
      acceptP99: percentile(sent.latenciesMs.sort(), 0.99),
      healthyP50: percentile(latenciesMs, 0.5),
      healthyP95: percentile(latenciesMs, 0.95),
      healthyP99: percentile(latenciesMs, 0.99),
      dropped: sent.dropped,
      duplicates: arrivals.duplicates,
      ...{ failures, timeouts },
      cpu: {
        gateway: perEvent("gateway"),
        worker: perEvent("worker"),
        redis: perEvent("redis"),
        postgres: perEvent("postgres"),
      },
    };
  } finally {
    await pipeline.stop();
    await receiver.stop();
  }
}

function countDeliveries(crowd: EndpointCrowd, events: number): Record<EndpointKind, number> {
  const counts = { healthy: 0, failing: 0, hanging: 0 };
  for (let event = 0; event < events; event++)
    for (let slot = 0; slot < slotsPerSubscriber; slot++) counts[kindOfArrival(crowd, event, slot)] += 1;
  return counts;
}

/** From when the request was due; sorted. */
function latenciesOf(
  { arrivedAt }: CrowdArrivals,
  { startedAt, perSecond }: { startedAt: number; perSecond: number },
): Float64Array {
  const latencies = arrivedAt.flatMap((at, place) => {
    const dueAt = startedAt + (Math.floor(place / slotsPerSubscriber) * 1_000) / perSecond;
    return at === null ? [] : [at - dueAt];
  });
  return Float64Array.from(latencies).sort();
}
