import { readJsonText } from "@triggers/domain";
import type { RequestHandler } from "express";
import Joi from "joi";
import { createBodyReader } from "../http/read-body.ts";
import { requestIdOf } from "../http/request-context.ts";
import type { Route } from "../http/route-table.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { toEventJob } from "./event-job.ts";
import { batchSchema, eventSchema } from "./event-schema.ts";
import { maxBatchBytes } from "./max-event-bytes.ts";
import { batchAnswerSchema } from "./publish-answers.ts";
import { type BatchDeps, publishItems, type ReadSubmission } from "./publish-items.ts";
import { readBatchItem } from "./read-batch-item.ts";
import { splitBatch } from "./split-batch.ts";

const noQuery = Joi.object<Record<string, never>>({});

export function publishBatchRoute(deps: BatchDeps & { admit: Admit }): Route {
  return {
    method: "post",
    path: "/api/events/batch",
    operation: {
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
      query: noQuery,
      body: {
        schema: batchSchema,
        isRequired: true,
        mediaTypes: { "application/json": batchSchema, "application/x-ndjson": eventSchema },
      },
      answers: {
        202: {
          description: "At least one event is valid; what became of each.",
          schema: batchAnswerSchema,
          headers: { "Idempotency-Replayed": "`true` when this repeats the answer to an earlier request." },
        },
      },
      problems: [
        "payload_too_large",
        "batch_exceeds_rate_limit",
        "unsupported_media_type",
        "malformed_json",
        "idempotency_key_reused",
        "queue_unavailable",
        "queue_full",
      ],
    },
    handlers: [deps.admit("publish"), createBodyReader(maxBatchBytes), publishBatch(deps)],
  };
}

function publishBatch(deps: BatchDeps): RequestHandler {
  return async (req, res) => {
    const split = splitBatch(req);
    if (!split.ok) throw split.error;
    validate(noQuery, req.query, "query");
    const { organizationId } = principalOf(res);
    const requestId = requestIdOf(res);
    const read = (text: string): ReadSubmission => {
      const line = split.areChecked ? undefined : readJsonText(Buffer.from(text), JSON.parse);
      const item = line?.ok === false ? line : readBatchItem(text);
      if (!item.ok) return item;
      const submission = toEventJob(organizationId, requestId, item.fields, item.payload);
      return { ok: true, submission, warnings: item.warnings };
    };
    await publishItems(deps, { req, res }, { texts: split.texts, pointer: split.pointer, read });
  };
}
