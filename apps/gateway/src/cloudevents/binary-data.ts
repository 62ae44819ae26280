import { isUtf8 } from "node:buffer";
import { DomainError, type FieldError, parseJsonValue } from "@triggers/domain";
import { jsonLimits } from "../http/read-body.ts";
import type { CloudEventData } from "./to-submission.ts";

export type BinaryData =
  { ok: true; data: CloudEventData; warnings: FieldError[] } | { ok: false; error: DomainError };

/** Data is one level further down in everything that is made of it. */
const limits = { maxDepth: jsonLimits.maxDepth - 1 };

const binaryTypes =
  /^(image|audio|video|font)\/(?!.*\+xml$)|^application\/(octet-stream|pdf|zip|gzip|zstd|wasm|cbor|msgpack|avro|protobuf|x-protobuf|x-tar)$/;

/** The body of a binary-mode event, by its content type: JSON as it is, text as a JSON string, all else as base64. */
export function readBinaryData(body: Buffer, contentType: string | undefined): BinaryData {
  if (body.length === 0) return accept({ payload: "null", encoding: "none" });
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const mediaType = type.trim();
  const charset = /^charset="?([^"]*)"?$/;
  const named = parameters.map((text) => charset.exec(text.trim())?.[1]).find((name) => name !== undefined);
  const isText = isUtf8(body) && (named === undefined || /^(utf-?8|us-ascii)$/.test(named));
  if (!isText) return accept(base64(body));
  if (mediaType === "" || /^(application|text)\/json$|\+json$/.test(mediaType)) return readJson(body);
  return accept(binaryTypes.test(mediaType) ? base64(body) : text(body));
}

/**
 * The SDK for JavaScript sends a plain string under `application/json` without quotes, and takes one for what starts
 * like no object, array or string: so do we, but say so.
 */
function readJson(body: Buffer): BinaryData {
  const value = parseJsonValue(body, limits);
  if (value.ok) return accept({ payload: value.text, encoding: "json" });
  const isPlainText = value.error.code === "malformed_json" && !/^\s*[{["]/.test(body.toString("utf8"));
  if (!isPlainText) {
    const { code, message, details } = value.error;
    const fields = details.fields ?? [{ pointer: "", detail: message }];
    return { ok: false, error: new DomainError(code, message, { fields }) };
  }
  return accept(text(body), [{ pointer: "", detail: "is not JSON; it was taken as a string" }]);
}

function accept(data: CloudEventData, warnings: FieldError[] = []): BinaryData {
  return { ok: true, data, warnings };
}

function text(body: Buffer): CloudEventData {
  return { payload: JSON.stringify(body.toString("utf8")), encoding: "json" };
}

function base64(body: Buffer): CloudEventData {
  return { payload: JSON.stringify({ data_base64: body.toString("base64") }), encoding: "base64" };
}
