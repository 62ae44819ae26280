import Joi from "joi";
import { uuidText } from "../http/uuid-text.ts";

export interface BatchAckBody {
  event_ids: string[];
}

export const batchAckSchema = Joi.object<BatchAckBody>({
  event_ids: Joi.array().items(uuidText).min(1).max(1_000).required(),
});
