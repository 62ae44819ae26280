import Joi from "joi";
import { cloudEventSchema } from "../cloudevents/cloud-event-schema.ts";
import { batchType, structuredType } from "../cloudevents/mode.ts";
import type { Operation } from "../http/operation.ts";
import { batchSchema, eventSchema, maxBatchItems } from "./event-schema.ts";
import { acceptedAnswer, batchAnswer } from "./publish-answers.ts";
import { idempotencyHeaders, publishHeaders } from "./publish-header-schemas.ts";
import { publishQuerySchema } from "./publish-query-schema.ts";

export const publishEventOperation: Operation = {
  id: "publishEvent",
  tag: "Events",
  summary: "Publish an event",
  description: [
    "The event is durable when the 202 is sent. A 503 means that it may have been accepted: a retry with the same",
    "`dedup_id` or `Idempotency-Key` is safe.",
    "",
    "`Idempotency-Key: <1 to 255 characters>` makes the request repeatable within the dedup window: the same key with",
    "the same body replays the first answer (`Idempotency-Replayed: true`), with another body it is a 422. With a",
    "`dedup_id` beside it, the `dedup_id` decides whether the event is a repeat, and an equal key and body makes that",
    "a replay instead of a 409.",
    "",
    "CloudEvents 1.0 come in structured, binary and batch mode. `source` and `id` make a repeat: it is a 202 with the",
    "first id and `duplicate: true` (a 409 only with `?on_duplicate=refuse`). JSON data is kept as it was sent, other",
    'text becomes a JSON string, bytes become `{"data_base64": "..."}`, missing data is null; `data_content_type` and',
    "`cloudevent` tell about it where the event is read. A batch is answered as `POST /api/events/batch` is, with",
    "`{accepted, duplicates, rejected, results}`.",
  ].join("\n"),
  access: "publish",
  query: publishQuerySchema,
  headers: publishHeaders,
  body: {
    schema: eventSchema,
    isRequired: true,
    mediaTypes: {
      "application/json": eventSchema,
      [structuredType]: cloudEventSchema,
      [batchType]: Joi.array().items(cloudEventSchema).max(maxBatchItems),
    },
  },
  answers: {
    202: {
      description: "The event is durable, or was accepted before (`duplicate`, `Idempotency-Replayed`).",
      schema: Joi.alternatives(acceptedAnswer, batchAnswer),
      optionalHeaders: {
        Location: "Where the event can be read.",
        "Idempotency-Replayed": "`true` when this repeats the answer to an earlier request.",
      },
    },
  },
  problems: [
    "batch_exceeds_rate_limit",
    "duplicate_event",
    "idempotency_key_reused",
    "queue_unavailable",
    "queue_full",
    "dedup_window_full",
    "not_ready",
  ],
};

export const publishBatchOperation: Operation = {
  id: "publishBatch",
  tag: "Events",
  summary: "Publish up to 1000 events",
  description: [
    "Each event is under the rules of a single one and has its own answer, in order; the others are accepted also when",
    "some are not. Pointers in an item's errors lead into the item. Also as `application/x-ndjson`, one event per line",
    "(empty lines are not counted). The batch counts as its number of events against the publish budget, all or none.",
    "",
    "A 503 means that any of the events may have been accepted. `Idempotency-Key` makes the whole request repeatable:",
    "the same key with the same body answers with the same ids (`Idempotency-Replayed: true` when nothing was added),",
    "and adds what an interrupted first request has not reached; with another body it is a 422 and nothing is added.",
    "An event with a `dedup_id` is a repeat by its `dedup_id` alone; when all have one, another body is no 422.",
  ].join("\n"),
  access: "publish",
  headers: idempotencyHeaders,
  body: {
    schema: batchSchema,
    isRequired: true,
    mediaTypes: { "application/x-ndjson": eventSchema },
  },
  answers: {
    202: {
      description: "At least one event is valid; what became of each.",
      schema: batchAnswer,
      optionalHeaders: {
        "Idempotency-Replayed": "`true` when this repeats the answer to an earlier request.",
      },
    },
  },
  problems: [
    "batch_exceeds_rate_limit",
    "idempotency_key_reused",
    "queue_unavailable",
    "queue_full",
    "dedup_window_full",
    "not_ready",
  ],
};
