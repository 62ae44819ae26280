import type { Operation } from "../http/operation.ts";
import {
  createdEndpointAnswer,
  enabledAnswer,
  endpointAnswer,
  endpointListAnswer,
} from "./endpoint-answers.ts";
import {
  emptySchema,
  enableSchema,
  endpointChangeSchema,
  endpointListSchema,
  newEndpointSchema,
} from "./endpoint-schemas.ts";

export const createEndpointOperation: Operation = {
  id: "createEndpoint",
  tag: "Webhooks",
  summary: "Create an endpoint",
  description: "It gets the very next event. At most 50 of each subscriber, and 50 without one.",
  access: "endpoints",
  body: { schema: newEndpointSchema, isRequired: true },
  answers: {
    201: {
      description: "The endpoint with its signing secret.",
      schema: createdEndpointAnswer,
      headers: { Location: "Where it is." },
    },
  },
  problems: ["webhook_url_refused", "endpoint_limit_reached", "endpoint_name_taken"],
};

export const listEndpointsOperation: Operation = {
  id: "listEndpoints",
  tag: "Webhooks",
  summary: "List endpoints",
  access: "read",
  query: endpointListSchema,
  answers: { 200: { description: "A page of endpoints.", schema: endpointListAnswer } },
};

export const getEndpointOperation: Operation = {
  id: "getEndpoint",
  tag: "Webhooks",
  summary: "Show an endpoint",
  access: "read",
  answers: { 200: { description: "The endpoint.", schema: endpointAnswer } },
  problems: ["not_found"],
};

export const changeEndpointOperation: Operation = {
  id: "changeEndpoint",
  tag: "Webhooks",
  summary: "Change an endpoint",
  description:
    "What is left out stays as it is, null clears; `headers` replaces all of them. Holds from the next attempt on, for retries too.",
  access: "endpoints",
  body: { schema: endpointChangeSchema, isRequired: true },
  answers: { 200: { description: "The endpoint as it is now.", schema: endpointAnswer } },
  problems: ["not_found", "webhook_url_refused", "endpoint_limit_reached", "endpoint_name_taken"],
};

export const deleteEndpointOperation: Operation = {
  id: "deleteEndpoint",
  tag: "Webhooks",
  summary: "Delete an endpoint",
  description: "Pending deliveries are cancelled.",
  access: "endpoints",
  answers: { 204: { description: "The endpoint is deleted." } },
  problems: ["not_found"],
};

export const disableEndpointOperation: Operation = {
  id: "disableEndpoint",
  tag: "Webhooks",
  summary: "Stop sending to an endpoint",
  description: "Pending deliveries wait; events that come meanwhile get a `skipped` one.",
  access: "endpoints",
  body: { schema: emptySchema, isRequired: false },
  answers: { 200: { description: "The endpoint as it is now.", schema: endpointAnswer } },
  problems: ["not_found"],
};

export const enableEndpointOperation: Operation = {
  id: "enableEndpoint",
  tag: "Webhooks",
  summary: "Send to an endpoint again",
  description:
    "What waited goes out. What was skipped since it was disabled stays skipped, unless a replay is asked for.",
  access: "endpoints",
  body: { schema: enableSchema, isRequired: false },
  answers: { 200: { description: "The endpoint as it is now.", schema: enabledAnswer } },
  problems: ["not_found", "replay_running"],
};
