import { listAuditLog, listDeadLetters } from "@triggers/db";
import type { EventQueue } from "@triggers/queues";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { uuidParam } from "../http/uuid-param.ts";
import { validate } from "../http/validate.ts";
import { pageAnswer, pageOf } from "../http/list-page.ts";
import { listDeadLettersOperation, retryDeadLetterOperation, listAuditLogOperation } from "./operations.ts";
import { auditLogSchema, deadLetterListSchema } from "./operator-schemas.ts";
import { requireOperator } from "./operator-token.ts";
import { type OrganizationRouteDeps, organizationRoutes } from "./organization-routes.ts";
import { retryLetter } from "./retry-dead-letter.ts";

export interface OperatorDeps extends OrganizationRouteDeps {
  queue: EventQueue;
  requireSafety: () => void;
  adminToken: string | undefined;
}

/** What the operator may do, by the token of the configuration; without one it is a 401 for everybody. */
export function operatorRoutes(deps: OperatorDeps): Route[] {
  const operator = requireOperator(deps.adminToken);
  return [
    ...organizationRoutes(deps, operator),
    {
      method: "get",
      path: "/api/admin/dead-letters",
      operation: listDeadLettersOperation,
      handlers: [
        operator,
        async (req, res) => {
          const query = validate(deadLetterListSchema, req.query, "query");
          const rows = await listDeadLetters(deps.db, pageOf(query), {
            organizationId: query.organization_id,
            status: query.status,
          });
          const { shown, page } = pageAnswer(query, rows, ({ event_id }) => event_id);
          sendJson(res, 200, { dead_letters: shown, ...page });
        },
      ],
    },
    {
      method: "post",
      path: "/api/admin/dead-letters/:event_id/retry",
      operation: retryDeadLetterOperation,
      handlers: [
        operator,
        async (req, res) => {
          const eventId = uuidParam(req.params.event_id, "event_id");
          const { retriedAt } = await retryLetter(deps, eventId);
          sendJson(res, 202, { event_id: eventId, status: "retried", retried_at: retriedAt });
        },
      ],
    },
    {
      method: "get",
      path: "/api/admin/audit-log",
      operation: listAuditLogOperation,
      handlers: [
        operator,
        async (req, res) => {
          const query = validate(auditLogSchema, req.query, "query");
          const rows = await listAuditLog(deps.db, pageOf(query), { organizationId: query.organization_id });
          const { shown, page } = pageAnswer(query, rows, ({ id }) => id);
          sendJson(res, 200, { audit_log: shown, ...page });
        },
      ],
    },
  ];
}
