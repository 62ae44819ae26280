import { DomainError } from "@triggers/domain";
import type { QueueStats } from "@triggers/queues";
import type { Registry } from "@triggers/runtime";
import Joi from "joi";
import type { KeyLookups } from "../gateway-metrics.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import type { VerifiedKeys } from "../keys/verified-keys.ts";
import { requireOperator } from "../operator/operator-token.ts";
import { cacheStatsAnswer, queuesAnswer, queueStatsAnswer } from "./operation-answers.ts";

export interface OperationsDeps {
  keys: Pick<VerifiedKeys, "stats">;
  keyLookups: Readonly<KeyLookups>;
  readQueueStats: () => Promise<QueueStats[]>;
  maxQueueDepth: number;
  adminToken: string | undefined;
  /** Undefined where the metrics have a port of their own. */
  metrics: Registry | undefined;
}

/** What the operator and the monitoring ask of one process. Figures of queues are some seconds old. */
export function operationsRoutes(deps: OperationsDeps): Route[] {
  const operator = requireOperator(deps.adminToken);
  const answer = (description: string, schema: Joi.Schema) => ({ 200: { description, schema } });
  const routes: Route[] = [
    {
      method: "get",
      path: "/stats/cache",
      operation: {
        ...{ id: "getCacheStats", tag: "Operator", access: "operator" },
        summary: "How well this process's cache of API keys works",
        answers: answer("Counted since the process began", cacheStatsAnswer),
      },
      handlers: [
        operator,
        (_req, res) => {
          const { verified, refused } = deps.keys.stats();
          const { hits, misses, refusals } = deps.keyLookups;
          sendJson(res, 200, { keys: { verified, refused, hits, misses, refusals } });
        },
      ],
    },
    {
      method: "get",
      path: "/api/queue/stats",
      operation: {
        ...{ id: "getQueueStats", tag: "Operator", access: "operator" },
        summary: "The events that are accepted and not persisted yet",
        answers: answer("The queue of events", queueStatsAnswer),
        problems: ["queue_unavailable"],
      },
      handlers: [
        operator,
        async (_req, res) => {
          const events = (await readQueues(deps)).find(({ name }) => name === "events");
          sendJson(res, 200, { ...events, max_depth: deps.maxQueueDepth });
        },
      ],
    },
    {
      method: "get",
      path: "/api/admin/queues",
      operation: {
        ...{ id: "listQueues", tag: "Operator", access: "operator" },
        summary: "All queues",
        answers: answer("Every queue, by state", queuesAnswer),
        problems: ["queue_unavailable"],
      },
      handlers: [operator, async (_req, res) => sendJson(res, 200, { queues: await readQueues(deps) })],
    },
  ];
  const { metrics } = deps;
  if (!metrics) return routes;
  return [
    ...routes,
    {
      method: "get",
      path: "/metrics",
      operation: {
        ...{ id: "getMetrics", tag: "Operations", access: "public" },
        summary: "Figures for Prometheus, unless they have a port of their own",
        answers: { 200: { description: "Text format 0.0.4", schema: Joi.string(), mediaType: "text/plain" } },
      },
      handlers: [
        async (_req, res) => {
          res.set("Content-Type", metrics.contentType).end(await metrics.metrics());
        },
      ],
    },
  ];
}

async function readQueues({ readQueueStats }: OperationsDeps) {
  const all = await readQueueStats().catch((cause: unknown) => {
    throw new DomainError("queue_unavailable", "The queues cannot be read right now; try again shortly.", {
      cause,
    });
  });
  return all.map(({ oldestWaitingMs, ...stats }) => ({
    ...stats,
    oldest_waiting_seconds: oldestWaitingMs === null ? null : oldestWaitingMs / 1_000,
  }));
}
