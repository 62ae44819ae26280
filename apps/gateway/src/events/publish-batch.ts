import { readJsonText } from "@triggers/domain";
import type { RequestHandler } from "express";
import { createBodyReader } from "../http/read-body.ts";
import { requestIdOf } from "../http/request-context.ts";
import type { Route } from "../http/route-table.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { toEventJob } from "./event-job.ts";
import { maxBatchBytes } from "./max-event-bytes.ts";
import { type BatchDeps, publishItems, type ReadSubmission } from "./publish-items.ts";
import { publishBatchOperation } from "./publish-operations.ts";
import { readBatchItem } from "./read-batch-item.ts";
import { splitBatch } from "./split-batch.ts";

export function publishBatchRoute(deps: BatchDeps & { admit: Admit }): Route {
  return {
    method: "post",
    path: "/api/events/batch",
    operation: publishBatchOperation,
    handlers: [deps.admit("publish"), createBodyReader(maxBatchBytes), publishBatch(deps)],
  };
}

function publishBatch(deps: BatchDeps): RequestHandler {
  return async (req, res) => {
    const split = splitBatch(req);
    if (!split.ok) throw split.error;
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
