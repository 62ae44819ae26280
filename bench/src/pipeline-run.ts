import { type ArrivalFigures, summarizeArrivals } from "./arrivals.ts";
import { waitUntilDrained } from "./backlog.ts";
import { pipelineCpu } from "./pipeline-cpu.ts";
import { startEndpoint } from "./endpoint.ts";
import { type PipelineName, startPipeline } from "./pipeline.ts";
import { numberedEventBody } from "./sample-event.ts";
import { sendLoad } from "./send-load.ts";
import { sendOpenLoop } from "./send-open-loop.ts";
import { eventBody } from "./sample-event.ts";
import type { Stack } from "./stack.ts";
import { percentile } from "./statistics.ts";
import { verifyDelivered } from "./verify-delivered.ts";

export interface PipelinePlan {
  perSecond: number;
  seconds: number;
}

export interface PipelineRun {
  acceptP50: number;
  acceptP99: number;
  arrivalP50: number;
  arrivalP99: number;
  deliveredPerSecond: number;
  backlogGrowth: number;
  dropped: number;
  duplicates: number;
  /** CPU seconds per 1 000 events, accepted to delivered and recorded. */
  cpu: Record<"gateway" | "worker" | "redis" | "postgres", number>;
}

const warmUpEvents = 1_000;

/**
 * Everything at once: events at a constant rate are accepted, persisted, delivered to one fast endpoint, and the
 * attempt recorded. Throws when these counts differ in the end.
 */
export async function measurePipeline(
  name: PipelineName,
  stack: Stack,
  plan: PipelinePlan,
  productSettings: Record<string, string> = {},
): Promise<PipelineRun> {
  const endpoint = await startEndpoint();
  const pipeline = await startPipeline(name, stack, endpoint.url, productSettings);
  try {
    const { target, prefix } = pipeline;
    await sendLoad({ target, connections: 20, requests: warmUpEvents, bodyOf: eventBody });
    await waitUntilDrained(stack, prefix, 60_000);
    const before = pipelineCpu(stack, pipeline);
    const sent = await sendOpenLoop({ target, ...plan, connections: 128, bodyOf: numberedEventBody });
    await waitUntilDrained(stack, prefix, 120_000 + plan.seconds * 1_000);
    const after = pipelineCpu(stack, pipeline);
    const arrivals = await endpoint.arrivals();
    await verifyDelivered(name, stack, pipeline.database.url, {
      accepted: warmUpEvents + sent.accepted,
      numbered: sent.accepted,
      arrivals,
    });
    const figures = summarizeArrivals(arrivals, { ...plan, startedAt: sent.startedAt });
    const perThousand = (part: keyof typeof before) => ((after[part] - before[part]) * 1_000) / sent.accepted;
    return {
      ...percentilesOf(sent.latenciesMs.sort(), figures),
      deliveredPerSecond: figures.perSecond,
      backlogGrowth: figures.backlogGrowth,
      dropped: sent.dropped,
      duplicates: arrivals.duplicates,
      cpu: {
        gateway: perThousand("gateway"),
        worker: perThousand("worker"),
        redis: perThousand("redis"),
        postgres: perThousand("postgres"),
      },
    };
  } finally {
    await pipeline.stop();
    await endpoint.stop();
  }
}

function percentilesOf(acceptMs: Float64Array, { latenciesMs }: ArrivalFigures) {
  return {
    acceptP50: percentile(acceptMs, 0.5),
    acceptP99: percentile(acceptMs, 0.99),
    arrivalP50: percentile(latenciesMs, 0.5),
    arrivalP99: percentile(latenciesMs, 0.99),
  };
}
