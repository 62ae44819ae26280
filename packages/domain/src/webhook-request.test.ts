import { validateHeaderName, validateHeaderValue } from "node:http";
import { describe, expect, it } from "@jest/globals";
import { createSigningSecret, signatureHeader } from "./signature.ts";
import { webhookBody, webhookHeaders, type WebhookHeaderInput } from "./webhook-request.ts";

const id = "0193a0c4-9d2b-7e11-8a2b-0123456789ab";
const timestamp = "2026-11-21T09:30:00.123Z";

describe("webhookBody", () => {
  it.each([
    '{"b":9007199254740993, "a":"\\u0000\\ud800"}',
    '{"$&":"$1 $$ $\'"}',
    "[1 , 2]",
    '"text"',
    "null",
  ])("carries the payload %s byte for byte", (payload) => {
    const body = webhookBody({ id, type: "user.created", timestamp, payload });
    expect(body).toBe(`{"id":"${id}","type":"user.created","timestamp":"${timestamp}","data":${payload}}`);
    expect(JSON.parse(body)).toEqual({
      id,
      type: "user.created",
      timestamp,
      data: JSON.parse(payload) as unknown,
    });
  });

  it("keeps a type with quotes inside its string", () => {
    const body = webhookBody({ id, type: '","data":1,"x":"', timestamp, payload: "{}" });
    expect(JSON.parse(body)).toEqual({ id, type: '","data":1,"x":"', timestamp, data: {} });
  });
});

describe("webhookHeaders", () => {
  const secrets = [createSigningSecret(), createSigningSecret()];
  const input: WebhookHeaderInput = {
    eventId: id,
    eventType: "user.created",
    attempt: 3,
    timestampSeconds: 1795253400,
    body: '{"id":1}',
    secrets,
  };
  const own = {
    "content-type": "application/json",
    "user-agent": "Triggers-API/1.0",
    "webhook-id": id,
    "webhook-timestamp": "1795253400",
    "webhook-signature": signatureHeader(secrets, id, 1795253400, '{"id":1}'),
    "x-event-id": id,
    "x-event-type": "user.created",
    "x-delivery-attempt": "3",
  };

  it("are exactly those of the contract", () => {
    expect(webhookHeaders(input)).toEqual(own);
  });

  it("carry custom headers, which can override nothing of ours and nothing of HTTP's, in any case", () => {
    const reserved = [...Object.keys(own), "host", "content-length", "connection", "transfer-encoding", "te"];
    const customHeaders = Object.fromEntries([
      ["Authorization", "Bearer abc"],
      ...reserved.flatMap((name) => [
        [name, "evil"],
        [name.toUpperCase(), "evil"],
      ]),
      ["__proto__", "evil"],
    ]) as Record<string, string>;
    const headers = webhookHeaders({ ...input, customHeaders });
    expect(headers).toEqual({ ...own, authorization: "Bearer abc" });
    expect(Object.keys(headers)).not.toContain("__proto__");
  });

  it.each([
    ["com.example/a b", "com.example/a%20b"],
    ['50%"ü€😀', "50%25%22%C3%BC%E2%82%AC%F0%9F%98%80"],
    ["\ud800", "%EF%BF%BD"],
    ["a\r\nb", "a%0D%0Ab"],
  ])("encode the type %j so that a header can carry it", (eventType, expected) => {
    const headers = webhookHeaders({ ...input, eventType });
    expect(headers["x-event-type"]).toBe(expected);
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  });
});
