import type { Operation } from "../http/operation.ts";
import { deliveryHistoryAnswer, deliveryListAnswer, retryRequestedAnswer } from "./delivery-answers.ts";
import { deliveryListSchema } from "./delivery-schemas.ts";

export const listDeliveriesOperation: Operation = {
  id: "listDeliveries",
  tag: "Deliveries",
  summary: "List deliveries, the newest events' first",
  description: "One row for each event and endpoint. `since` and `until` are about the event's acceptance.",
  access: "read",
  query: deliveryListSchema,
  answers: { 200: { description: "A page of deliveries.", schema: deliveryListAnswer } },
  problems: ["invalid_request", "unknown_field", "database_unavailable"],
};

export const getDeliveryOperation: Operation = {
  id: "getDelivery",
  tag: "Deliveries",
  summary: "Show a delivery with every attempt",
  access: "read",
  answers: { 200: { description: "The delivery.", schema: deliveryHistoryAnswer } },
  problems: ["not_found", "database_unavailable"],
};

export const retryDeliveryOperation: Operation = {
  id: "retryDelivery",
  tag: "Deliveries",
  summary: "Make one more attempt now",
  description:
    "Whatever the delivery's status is. A failed attempt leaves status and schedule as they are; a success ends the " +
    "delivery. The endpoint's limits hold for it as for every attempt.",
  access: "endpoints",
  answers: {
    202: {
      description: "The attempt will be made.",
      schema: retryRequestedAnswer,
      headers: { Location: "The delivery, which shows the attempt when it has ended." },
    },
  },
  problems: [
    ...(["not_found", "delivery_busy", "endpoint_disabled", "endpoint_deleted", "event_erased"] as const),
    "database_unavailable",
  ],
};
