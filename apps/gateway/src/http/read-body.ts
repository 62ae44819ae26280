import { DomainError, parseJsonBody } from "@triggers/domain";
import express, { type Request, type RequestHandler } from "express";

/** Reads the bytes as they are: parsing them here would lose repeated keys, big numbers and bad UTF-8. */
export function createBodyReader(limitBytes: number): RequestHandler {
  return express.raw({ limit: limitBytes, inflate: false, type: () => true });
}

export function bodyOf(req: Request): Buffer {
  const body: unknown = req.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

export type JsonBody = Extract<ReturnType<typeof parseJsonBody>, { ok: true }>;

/** Deeper JSON is refused, by contract. */
const limits = { maxDepth: 64 };

/** A JSON object with the place of each of its members, or the refusal (415 before 400). */
export function readJsonObject(req: Request): ReturnType<typeof parseJsonBody> {
  const body = bodyOf(req);
  const refusal = contentTypeFault(req.headers["content-type"]);
  if (refusal && body.length > 0) return { ok: false, error: refusal };
  return parseJsonBody(body, limits);
}

/** For routes that have nothing to do before the refusal; an empty body counts as `{}`. */
export function requireJsonObject(req: Request): Record<string, unknown> {
  if (bodyOf(req).length === 0) return {};
  const result = readJsonObject(req);
  if (!result.ok) throw result.error;
  return result.value;
}

function contentTypeFault(contentType: string | undefined): DomainError | undefined {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (type.trim() === "application/json" && isUtf8) return undefined;
  return new DomainError(
    "unsupported_media_type",
    "Send the body as `Content-Type: application/json`, in UTF-8.",
  );
}
