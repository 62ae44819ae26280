import type { ReplaySelection } from "@triggers/db";
import Joi from "joi";
import { eventTypePatterns } from "../http/event-type-patterns.ts";
import { type ListQuery, listQueryKeys, timeOfIds } from "../http/list-page.ts";
import { uuidText } from "../http/uuid-text.ts";

const since = timeOfIds.description("Events that were accepted at or after this time.");
const until = timeOfIds
  .greater(Joi.ref("since"))
  .messages({ "date.greater": "must be later than since" })
  .description("Events that were accepted before this time.");

export interface ReplayBody {
  since: Date;
  until: Date;
  event_types?: string[];
  only: ReplaySelection["only"];
}

export const replaySchema = Joi.object<ReplayBody>({
  since: since.required(),
  until: until.required(),
  event_types: eventTypePatterns().description("Only events of these types; patterns as an endpoint's."),
  only: Joi.string()
    .valid("failed", "missing", "skipped", "all")
    .default("failed")
    .description(
      "`failed`: deliveries whose schedule has ended. `skipped`: those that came while the endpoint was disabled. " +
        "`missing`: events that the endpoint would get today and never got. `all`: these and the delivered ones.",
    ),
});

export interface RetryManyBody {
  endpoint_id?: string;
  since?: Date;
  until?: Date;
}

export const retryManySchema = Joi.object<RetryManyBody>({
  endpoint_id: uuidText.description("All endpoints when it is left out."),
  since,
  until,
});

export interface ReplayListQuery extends ListQuery {
  endpoint_id?: string;
  status?: "running" | "completed" | "cancelled";
}

export const replayListSchema = Joi.object<ReplayListQuery>({
  endpoint_id: uuidText,
  status: Joi.string().valid("running", "completed", "cancelled"),
  ...listQueryKeys,
});
