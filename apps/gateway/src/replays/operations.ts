import type { Operation } from "../http/operation.ts";
import { replayAnswer, replayListAnswer } from "./replay-answers.ts";
import { replayListSchema, replaySchema, retryManySchema } from "./replay-schemas.ts";

const started = {
  202: {
    description: "The replay runs.",
    schema: replayAnswer,
    headers: { Location: "The replay, with its progress." },
  },
};
const howItRuns =
  "A worker goes through the events of that time that were accepted before this request, and starts the schedule of what it finds anew. " +
  "A delivery whose schedule still runs is left alone. It goes on after a crash where it was.";

export const replayEndpointOperation: Operation = {
  id: "replayEndpoint",
  tag: "Deliveries",
  summary: "Deliver events of a time again to an endpoint",
  description: howItRuns,
  access: "endpoints",
  body: { schema: replaySchema, isRequired: true },
  answers: started,
  problems: ["not_found", "replay_running", "database_unavailable"],
};

export const retryDeliveriesOperation: Operation = {
  id: "retryDeliveries",
  tag: "Deliveries",
  summary: "Start all failed deliveries anew",
  description: `To one endpoint, or to all. ${howItRuns}`,
  access: "endpoints",
  body: { schema: retryManySchema, isRequired: false },
  answers: started,
  problems: ["not_found", "replay_running", "database_unavailable"],
};

export const listReplaysOperation: Operation = {
  id: "listReplays",
  tag: "Deliveries",
  summary: "List replays, the newest first",
  access: "read",
  query: replayListSchema,
  answers: { 200: { description: "A page of replays.", schema: replayListAnswer } },
  problems: ["invalid_request", "unknown_field", "database_unavailable"],
};

export const getReplayOperation: Operation = {
  id: "getReplay",
  tag: "Deliveries",
  summary: "Show a replay with its progress",
  access: "read",
  answers: { 200: { description: "The replay.", schema: replayAnswer } },
  problems: ["not_found", "database_unavailable"],
};

export const cancelReplayOperation: Operation = {
  id: "cancelReplay",
  tag: "Deliveries",
  summary: "Cancel a replay",
  description: "What it has enqueued is still delivered. One that has ended stays as it is.",
  access: "endpoints",
  answers: { 204: { description: "It does not run any more." } },
  problems: ["not_found", "database_unavailable"],
};
