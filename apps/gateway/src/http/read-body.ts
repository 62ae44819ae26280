import { DomainError, parseJsonBody } from "@triggers/domain";
import express, { type NextFunction, type Request, type RequestHandler } from "express";

/** Reads the bytes as they are: parsing them here would lose repeated keys, big numbers and bad UTF-8. */
export function createBodyReader(limitBytes: number): RequestHandler {
  const readAny: RequestHandler = express.raw({ limit: limitBytes, inflate: false, type: () => true });
  return (req, res, next) => {
    // Most bodies tell their length and are as they seem; for those the generic reader does too much.
    const { "content-length": length, "content-encoding": encoding } = req.headers;
    if (length === undefined || encoding !== undefined || Number(length) > limitBytes) {
      readAny(req, res, next);
      return;
    }
    readAnnounced(req, next);
  };
}

/** Node.js' parser sees to it that no more and no less comes than was announced, or there is no end. */
function readAnnounced(req: Request, next: NextFunction): void {
  const chunks: Buffer[] = [];
  let isRead = false;
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    isRead = true;
    req.body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    next();
  });
  req.on("error", () => {
    if (!isRead) next(endedTooEarly());
  });
}

export function endedTooEarly(): DomainError {
  return new DomainError("invalid_request", "The body ended before its announced length.");
}

export function bodyOf(req: Request): Buffer {
  const body: unknown = req.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

export type JsonBody = Extract<ReturnType<typeof parseJsonBody>, { ok: true }>;

/** Deeper JSON is refused, by contract. */
export const jsonLimits = { maxDepth: 64 };

/** A JSON object with the place of each of its members, or the refusal (415 before 400). */
export function readJsonObject(req: Request): ReturnType<typeof parseJsonBody> {
  const body = bodyOf(req);
  const refusal = contentTypeFault(req);
  if (refusal && body.length > 0) return { ok: false, error: refusal };
  return parseJsonBody(body, jsonLimits);
}

/** For routes that have nothing to do before the refusal; an empty body counts as `{}`. */
export function requireJsonObject(req: Request): Record<string, unknown> {
  if (bodyOf(req).length === 0) return {};
  const result = readJsonObject(req);
  if (!result.ok) throw result.error;
  return result.value;
}

/** The request's media type in lower case; undefined without one, and where the charset is not UTF-8. */
export function mediaTypeOf(req: Request): string | undefined {
  const header = req.headers["content-type"];
  if (header === "application/json") return header;
  const [type = "", ...parameters] = (header ?? "").toLowerCase().split(";");
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  return isUtf8 && type.trim() !== "" ? type.trim() : undefined;
}

export function unsupportedMediaType(sentence: string): DomainError {
  return new DomainError("unsupported_media_type", sentence);
}

function contentTypeFault(req: Request): DomainError | undefined {
  if (mediaTypeOf(req) === "application/json") return undefined;
  return unsupportedMediaType("Send the body as `Content-Type: application/json`, in UTF-8.");
}
