import { readEndpointStats } from "@triggers/db";
import { singleDeliveryStatuses } from "@triggers/domain";
import Joi from "joi";
import { answerSchema, timestamp, uuid } from "../http/answer-schema.ts";
import type { Operation } from "../http/operation.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { idOf } from "./endpoint-routes.ts";
import { getEndpoint } from "./require-endpoint.ts";
import type { EndpointDeps } from "./save-endpoint.ts";

const count = Joi.number().integer();
const milliseconds = Joi.number().integer().allow(null);

const statsAnswer = answerSchema({
  endpoint_id: uuid,
  deliveries: answerSchema({
    since: timestamp.description("24 hours ago, or where the latest 100 000 begin when there are more."),
    ...Object.fromEntries(singleDeliveryStatuses.map((status) => [status, count])),
  }).description("By status, of the events accepted since then."),
  attempts: answerSchema({
    since: timestamp.description("24 hours ago, or where the latest 10 000 begin when there are more."),
    total: count,
    succeeded: count,
    success_rate: Joi.number().allow(null).description("0 to 1; null without attempts."),
    duration_ms_p50: milliseconds,
    duration_ms_p95: milliseconds,
  }).description("Made since then, retries too."),
  oldest_pending_age_seconds: count
    .allow(null)
    .description("Since the oldest event that is pending or retrying was accepted, however long ago."),
  failing_since: timestamp.allow(null).description("Since when no attempt has succeeded."),
});

const statsOperation: Operation = {
  id: "getEndpointStats",
  tag: "Webhooks",
  summary: "Show how deliveries to an endpoint go",
  description: "Of the last 24 hours.",
  access: "read",
  answers: { 200: { description: "The figures at this moment.", schema: statsAnswer } },
  problems: ["not_found"],
};

export function endpointStatsRoutes(deps: EndpointDeps & { admit: Admit; now: () => number }): Route[] {
  return [
    {
      method: "get",
      path: "/api/endpoints/:id/stats",
      operation: statsOperation,
      handlers: [
        deps.admit("read"),
        async (req, res) => {
          const { organizationId } = principalOf(res);
          const { id, failing_since } = await getEndpoint(deps.db, organizationId, idOf(req));
          const now = deps.now();
          const stats = await readEndpointStats(deps.db, organizationId, id, now);
          const { total, succeeded, since } = stats.attempts;
          sendJson(res, 200, {
            endpoint_id: id,
            deliveries: stats.deliveries,
            attempts: {
              ...{ since, total, succeeded, success_rate: total === 0 ? null : succeeded / total },
              duration_ms_p50: stats.attempts.p50,
              duration_ms_p95: stats.attempts.p95,
            },
            oldest_pending_age_seconds: ageInSeconds(stats.oldestOpenAt, now),
            failing_since,
          });
        },
      ],
    },
  ];
}

function ageInSeconds(time: Date | null, now: number): number | null {
  return time === null ? null : Math.max(0, Math.floor((now - time.getTime()) / 1_000));
}
