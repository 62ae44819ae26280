import { randomUUID } from "node:crypto";
import type { Logger } from "@triggers/runtime";
import type { RequestHandler, Response } from "express";
import onHeaders from "on-headers";
import { waitedMsOf } from "./waited-time.ts";

const saneRequestId = /^[A-Za-z0-9._:/-]{1,128}$/;

/** The id that ties together a request's log lines and its answer; a sane one of the client is kept. */
export function requestIdOf(res: Response): string {
  return (res.locals as { requestId?: string }).requestId ?? "unknown";
}

/** Every answer carries `X-Request-Id` and `X-Response-Time`; slow ones are logged. */
export function createRequestContext(options: { logger: Logger; slowRequestMs: number }): RequestHandler {
  const { logger, slowRequestMs } = options;
  return (req, res, next) => {
    const startedAt = performance.now();
    const given = req.headers["x-request-id"];
    const requestId = typeof given === "string" && saneRequestId.test(given) ? given : randomUUID();
    (res.locals as { requestId?: string }).requestId = requestId;
    onHeaders(res, () => {
      const durationMs = performance.now() - startedAt;
      res.setHeader("X-Request-Id", requestId);
      res.setHeader("X-Response-Time", `${durationMs.toFixed(2)}ms`);
      const busyMs = durationMs - waitedMsOf(res);
      // A client that was cut off for its slowness waits for nothing any more.
      if (busyMs < slowRequestMs || req.socket.destroyed) return;
      logger[busyMs >= 1_000 ? "error" : "warn"]("slow request", {
        requestId,
        method: req.method,
        path: req.path,
        status: res.statusCode,
        durationMs: Math.round(durationMs),
      });
    });
    next();
  };
}
