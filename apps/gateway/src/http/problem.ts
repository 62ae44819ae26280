import type { DomainError } from "@triggers/domain";
import type { Response } from "express";
import { problems } from "./problem-table.ts";
import { requestIdOf } from "./request-context.ts";

/** RFC 9457. `error` repeats the detail for clients of old. */
export function sendProblem(res: Response, error: DomainError): void {
  const { status, title, retryable } = problems[error.code];
  const { fields, extra, headers } = error.details;
  if (headers) res.set(headers);
  if (status === 503 && !res.hasHeader("Retry-After")) res.set("Retry-After", "1");
  if (status === 401) res.set("WWW-Authenticate", 'Bearer realm="triggers"');
  res
    .status(status)
    .type("application/problem+json")
    .send(
      JSON.stringify({
        type: `/docs/errors/${error.code}`,
        title,
        status,
        detail: error.message,
        instance: res.req.originalUrl.split("?", 1)[0],
        code: error.code,
        retryable,
        request_id: requestIdOf(res),
        ...(fields ? { errors: fields } : {}),
        ...extra,
        error: error.message,
      }),
    );
}
