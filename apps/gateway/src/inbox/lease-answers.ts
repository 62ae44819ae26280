import Joi from "joi";
import { eventFields } from "../events/event-answers.ts";
import { answerSchema, component, timestamp, uuid } from "../http/answer-schema.ts";

const count = Joi.number().integer().min(0);

const leasedEventAnswer = answerSchema({
  ...eventFields,
  lease_count: count.description("How often it was leased, this time included; an ack ends the counting."),
}).meta(component("LeasedEvent"));

export const leaseAnswer = answerSchema({
  lease_id: uuid.allow(null).description("Null when there was nothing to lease."),
  leased_until: timestamp.allow(null),
  events: Joi.array().items(leasedEventAnswer).description("In the order of persistence, oldest first."),
});

/** One result per event: it worked, or why it did not. */
export const resultsAnswer = (done: string) =>
  Joi.array().items(
    answerSchema({
      event_id: uuid,
      status: Joi.string().valid(done, "failed"),
      code: Joi.string().optional().description("The error code, where it failed."),
      detail: Joi.string().optional(),
    }),
  );

export const releaseAnswer = answerSchema({
  released: count,
  failed: count,
  results: resultsAnswer("released").description(
    "One per event; in the order of `event_ids` where they were given.",
  ),
});

export const extendAnswer = answerSchema({
  lease_id: uuid,
  leased_until: timestamp,
  count: count.description("How many events the lease still holds."),
});

export const redriveAnswer = answerSchema({
  redriven: count,
  failed: count,
  results: resultsAnswer("redriven").description("One per id, in order."),
});

export const inboxStatsAnswer = answerSchema({
  available: count.description("What a lease without `include_webhook_events` would find now."),
  leased: count.description("Held by consumers, or released with a delay that is not over."),
  quarantined: count,
  oldest_age_seconds: Joi.number()
    .min(0)
    .allow(null)
    .description(
      "Since the available event that is first in line was accepted; null when none is available.",
    ),
  estimated: Joi.boolean().description(
    "Figures are counted up to 10 000. Beyond it `available` is an estimate, and the others say 10 000.",
  ),
});
