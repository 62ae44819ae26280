import { isUtf8 } from "node:buffer";
import { DomainError } from "@triggers/domain";
import type { Request } from "express";
import type { ReadSubmission } from "../events/publish-items.ts";
import { bodyOf } from "../http/read-body.ts";
import { check } from "../http/validate.ts";
import { readBinaryData } from "./binary-data.ts";
import { cloudEventSchema } from "./cloud-event-schema.ts";
import { longNames } from "./read-structured.ts";
import { type Origin, toSubmission } from "./to-submission.ts";

/** A CloudEvent whose attributes are `ce-` headers and whose data is the body. Faults point to the header. */
export function readBinary(origin: Origin, req: Request): ReadSubmission {
  const contentType = req.headers["content-type"];
  const attributes: Record<string, unknown> = {};
  for (const [header, value] of Object.entries(req.headers)) {
    // `Content-Type` says what the data is, `ce-data` would contradict the body.
    if (!header.startsWith("ce-") || header === "ce-datacontenttype") continue;
    const decoded = decodeHeader(String(value));
    if (decoded === undefined) return refuse(header, "is not valid percent-encoded UTF-8");
    if (["ce-data", "ce-data_base64"].includes(header))
      return refuse(header, "is no attribute: data is the body");
    attributes[header.slice("ce-".length)] = decoded;
  }
  const body = bodyOf(req);
  if (contentType !== undefined && body.length > 0) attributes.datacontenttype = contentType;
  const checked = check(cloudEventSchema, attributes, "body");
  if (!checked.ok) return { ok: false, error: pointToHeaders(checked.error) };
  const read = readBinaryData(body, contentType);
  if (!read.ok) return read;
  const warnings = longNames(Object.keys(checked.value)).map(toHeader);
  return {
    ok: true,
    submission: toSubmission(origin, checked.value, read.data),
    warnings: [...warnings, ...read.warnings],
  };
}

/** HTTP binding §3.1.3.2: quoted or not, percent-encoded UTF-8. Senders that leave UTF-8 or a lone % bare are understood. */
function decodeHeader(value: string): string | undefined {
  const bytes = Buffer.from(value, "latin1");
  const text = isUtf8(bytes) ? bytes.toString("utf8") : value;
  const quoted = /^"(.*)"$/s.exec(text)?.[1];
  const unquoted = quoted === undefined ? text : quoted.replace(/\\(.)/gs, "$1");
  try {
    return decodeURIComponent(unquoted.replace(/%(?![0-9a-fA-F]{2})/g, "%25"));
  } catch {
    // It names bytes that are no UTF-8; the caller says where.
    return undefined;
  }
}

function pointToHeaders(error: DomainError): DomainError {
  const fields = error.details.fields?.map(toHeader);
  return new DomainError(error.code, "The headers are no CloudEvent.", fields ? { fields } : {});
}

function toHeader<Fault extends { pointer: string }>(fault: Fault): Fault {
  const name = fault.pointer.slice(1);
  return { ...fault, pointer: name === "datacontenttype" ? "Content-Type" : `ce-${name}` };
}

function refuse(pointer: string, detail: string): ReadSubmission {
  const fields = [{ pointer, detail }];
  return { ok: false, error: new DomainError("invalid_request", `${pointer}: ${detail}`, { fields }) };
}
