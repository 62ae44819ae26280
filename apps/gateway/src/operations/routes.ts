import { DomainError } from "@triggers/domain";
import type { QueueStats } from "@triggers/queues";
import type { Registry } from "@triggers/runtime";
import type { KeyLookups } from "../gateway-metrics.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import type { VerifiedKeys } from "../keys/verified-keys.ts";
import { requireOperator } from "../operator/operator-token.ts";
import {
  getCacheStatsOperation,
  getQueueStatsOperation,
  listQueuesOperation,
  getMetricsOperation,
} from "./operations.ts";

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
  const routes: Route[] = [
    {
      method: "get",
      path: "/stats/cache",
      operation: getCacheStatsOperation,
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
      operation: getQueueStatsOperation,
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
      operation: listQueuesOperation,
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
      operation: getMetricsOperation,
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
