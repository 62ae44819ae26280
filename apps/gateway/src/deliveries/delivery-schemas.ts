import { type SingleDeliveryStatus, singleDeliveryStatuses } from "@triggers/domain";
import Joi from "joi";
import { type ListQuery, listQueryKeys } from "../http/list-page.ts";
import { storableText } from "../http/storable-text.ts";
import { uuidText } from "../http/uuid-text.ts";

export interface DeliveryListQuery extends ListQuery {
  endpoint_id?: string;
  event_id?: string;
  subscriber?: string;
  status?: SingleDeliveryStatus;
}

export const deliveryListSchema = Joi.object<DeliveryListQuery>({
  endpoint_id: uuidText,
  event_id: uuidText,
  subscriber: storableText(255).description("Whose events."),
  status: Joi.string().valid(...singleDeliveryStatuses),
  ...listQueryKeys,
});
