import { findDelivery, listDeliveries } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import { pageAnswer, pageOf } from "../http/list-page.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { uuidParam } from "../http/uuid-param.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { deliveryListSchema } from "./delivery-schemas.ts";
import { attemptView, listedDeliveryView } from "./delivery-view.ts";
import { getDeliveryOperation, listDeliveriesOperation, retryDeliveryOperation } from "./operations.ts";
import { type RetryDeps, retryDelivery } from "./retry-delivery.ts";

export type DeliveryDeps = RetryDeps & { admit: Admit };

export function deliveryRoutes(deps: DeliveryDeps): Route[] {
  return [
    {
      method: "get",
      path: "/api/deliveries",
      operation: listDeliveriesOperation,
      handlers: [
        deps.admit("read"),
        async (req, res) => {
          const query = validate(deliveryListSchema, req.query, "query");
          const rows = await listDeliveries(deps.db, principalOf(res).organizationId, pageOf(query), {
            endpointId: query.endpoint_id,
            eventId: query.event_id,
            subscriber: query.subscriber,
            status: query.status,
          });
          const { shown, page } = pageAnswer(query, rows, ({ id }) => id);
          sendJson(res, 200, { deliveries: shown.map(listedDeliveryView), ...page });
        },
      ],
    },
    {
      method: "get",
      path: "/api/deliveries/:id",
      operation: getDeliveryOperation,
      handlers: [
        deps.admit("read"),
        async (req, res) => {
          const id = uuidParam(req.params.id, "id");
          const found = await findDelivery(deps.db, principalOf(res).organizationId, id);
          if (!found) throw new DomainError("not_found", "There is no such delivery.");
          const attempts = found.attempts.map(attemptView);
          sendJson(res, 200, { ...listedDeliveryView(found.delivery), attempts });
        },
      ],
    },
    {
      method: "post",
      path: "/api/deliveries/:id/retry",
      operation: retryDeliveryOperation,
      handlers: [
        deps.admit("endpoints"),
        async (req, res) => {
          const id = uuidParam(req.params.id, "id");
          const delivery = await retryDelivery(deps, principalOf(res).organizationId, id);
          res.set("Location", `/api/deliveries/${id}`);
          const { event_id, endpoint_id, status } = delivery;
          const message = "One more attempt will be made.";
          sendJson(res, 202, { id, event_id, endpoint_id, status, message });
        },
      ],
    },
  ];
}
