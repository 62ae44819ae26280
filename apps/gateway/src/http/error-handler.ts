import { isDatabaseAway } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import type { Logger } from "@triggers/runtime";
import type { ErrorRequestHandler } from "express";
import { sendProblem } from "./problem.ts";
import { endedTooEarly } from "./read-body.ts";
import { requestIdOf } from "./request-context.ts";

/** Every error ends here. What is not a refusal of ours is a 500 without its text; the log has it, by request id. */
export function createErrorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const refusal = error instanceof DomainError ? error : asRefusal(error);
    if (refusal.code === "internal_error") {
      logger.error("a request failed", {
        requestId: requestIdOf(res),
        method: req.method,
        path: req.path,
        error,
      });
    } else if (refusal.code === "database_unavailable" || refusal.code === "queue_unavailable") {
      logger.debug("a dependency was away", { requestId: requestIdOf(res), error: refusal });
    }
    if (res.headersSent) next(error);
    else sendProblem(res, refusal);
  };
}

/** Express and its body parser throw errors with a `type` or a status; their texts may quote the request. */
function asRefusal(error: unknown): DomainError {
  const { type, status } = (typeof error === "object" && error !== null ? error : {}) as {
    type?: string;
    status?: number;
  };
  if (type === "entity.too.large") {
    const { limit } = error as { limit?: number };
    return new DomainError("payload_too_large", `The body is larger than ${limit ?? 0} bytes.`, {
      extra: { limit_bytes: limit },
      // What the client still sends must not be taken for its next request.
      headers: { Connection: "close" },
    });
  }
  if (type === "encoding.unsupported") {
    return new DomainError("unsupported_media_type", "Compressed bodies are not accepted.");
  }
  if (type === "request.aborted" || type === "request.size.invalid") {
    return endedTooEarly();
  }
  if (error instanceof URIError)
    return new DomainError("invalid_request", "The URL is not valid percent-encoding.");
  if (status === 400) return new DomainError("invalid_request", "The request could not be read.");
  if (isDatabaseAway(error)) {
    return new DomainError(
      "database_unavailable",
      "The database cannot be reached right now; try again shortly.",
      { cause: error },
    );
  }
  return new DomainError("internal_error", "Something went wrong on our side.", { cause: error });
}
