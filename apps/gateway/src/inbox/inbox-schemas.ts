import Joi from "joi";
import { uuidText } from "../http/uuid-text.ts";

export interface BatchAckBody {
  event_ids?: string[];
  lease_id?: string;
}

export const eventIds = Joi.array().items(uuidText).min(1).max(1_000);

export const batchAckSchema = Joi.object<BatchAckBody>({
  event_ids: eventIds.description(
    "Of any events; beside `lease_id` only those of the lease, all when left out.",
  ),
  lease_id: uuidText.description("Acknowledges only what nobody else has leased since."),
}).or("event_ids", "lease_id");
