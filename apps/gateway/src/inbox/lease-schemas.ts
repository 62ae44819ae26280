import Joi from "joi";
import { eventTypePatterns } from "../http/event-type-patterns.ts";
import { uuidText } from "../http/uuid-text.ts";
import { eventIds } from "./inbox-schemas.ts";

export interface LeaseBody {
  limit: number;
  lease_seconds: number;
  wait_seconds: number;
  event_types?: string[];
  include_webhook_events: boolean;
}

const wholeNumber = Joi.number().strict().integer();
const leaseSeconds = wholeNumber.min(1).max(3_600);

export const leaseSchema = Joi.object<LeaseBody>({
  limit: wholeNumber.min(1).max(100).default(10),
  lease_seconds: leaseSeconds
    .default(300)
    .description("For how long nobody else gets these events; `POST /api/inbox/extend` adds to it."),
  wait_seconds: wholeNumber
    .min(0)
    .max(20)
    .default(0)
    .description("Waits so long for the first event when there is none."),
  event_types: eventTypePatterns().description("Only events of these types. All when left out."),
  include_webhook_events: Joi.boolean()
    .strict()
    .default(false)
    .description(
      "Also events that a webhook delivers, or has delivered. Else only those that failed, or have none.",
    ),
});

export interface ReleaseBody {
  lease_id: string;
  event_ids?: string[];
  delay_seconds: number;
}

export const releaseSchema = Joi.object<ReleaseBody>({
  lease_id: uuidText.required(),
  event_ids: eventIds.description("All that the lease holds when left out."),
  delay_seconds: wholeNumber
    .min(0)
    .max(43_200)
    .default(0)
    .description("Nobody gets them for so long; they count as leased meanwhile."),
});

export interface ExtendBody {
  lease_id: string;
  lease_seconds: number;
}

export const extendSchema = Joi.object<ExtendBody>({
  lease_id: uuidText.required(),
  lease_seconds: leaseSeconds.required().description("From now on, also fewer than were left."),
});

export interface RedriveBody {
  event_ids: string[];
}

export const redriveSchema = Joi.object<RedriveBody>({ event_ids: eventIds.required() });
