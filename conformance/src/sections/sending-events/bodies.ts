import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { expectAnswer, expectFaults, expectProblem } from "../../expect.ts";
import { text } from "../../shape.ts";

const path = "/api/events";
const limit = 262_144;
const errors = [{ pointer: text, detail: text }];

/** An event of exactly so many bytes. */
function eventOf(bytes: number): string {
  const frame = JSON.stringify({ type: "a.large", payload: { filler: "" } });
  return JSON.stringify({ type: "a.large", payload: { filler: "x".repeat(bytes - frame.length) } });
}
const nested = (depth: number) => `${'{"a":'.repeat(depth - 2)}{}${"}".repeat(depth - 2)}`;

export const bodyChecks = [
  check("a payload of 200 KB is accepted", async (world) => {
    const main = await world.organization("main");
    expectAnswer(await main.call("POST", path, eventOf(200_000)), 202);
  }),
  check("a payload of 300 KB: 413", async (world) => {
    const main = await world.organization("main");
    expectProblem(await main.call("POST", path, eventOf(300_000)), 413, "payload_too_large");
  }),
  check("413: body larger than 262 144 bytes as sent, with limit_bytes", async (world) => {
    const main = await world.organization("main");
    expectAnswer(await main.call("POST", path, eventOf(limit)), 202);
    const answer = await main.call("POST", path, eventOf(limit + 1));
    expectProblem(answer, 413, "payload_too_large", { limit_bytes: limit });
  }),
  check("413: counted also when chunked", async (world) => {
    const main = await world.organization("main");
    expectAnswer(await main.call("POST", path, eventOf(limit), {}, { isChunked: true }), 202);
    const answer = await main.call("POST", path, eventOf(limit + 1), {}, { isChunked: true });
    expectProblem(answer, 413, "payload_too_large", { limit_bytes: limit });
  }),
  check("415: content type that is not one of section 3", async (world) => {
    const main = await world.organization("main");
    const event = JSON.stringify({ type: "a", payload: {} });
    for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]) {
      const answer = await main.call("POST", path, event, { "content-type": type });
      expectProblem(answer, 415, "unsupported_media_type");
    }
    const withCharset = { "content-type": "application/json; charset=utf-8" };
    expectAnswer(await main.call("POST", path, event, withCharset), 202);
  }),
  check("400: malformed JSON", async (world) => {
    const main = await world.organization("main");
    for (const text of [
      "",
      "{",
      '{"type":"a","payload":{}',
      "[]",
      '"text"',
      "{type:'a'}",
      '{"type":"a","payload":{},}',
    ]) {
      expectProblem(await main.call("POST", path, text), 400);
    }
    expectProblem(await main.call("POST", path, '{"type":'), 400, "malformed_json");
  }),
  check("400: malformed UTF-8", async (world) => {
    const main = await world.organization("main");
    const bytes = Buffer.from('{"type":"a","payload":{"a":"\xff"}}', "latin1");
    expectProblem(await main.call("POST", path, bytes), 400, "malformed_json");
  }),
  check("400: a repeated top-level key", async (world) => {
    const main = await world.organization("main");
    for (const text of [
      '{"type":"a","payload":{},"type":"b"}',
      '{"type":"a","payload":{"a":1},"p\\u0061yload":{}}',
    ]) {
      const answer = await main.call("POST", path, text);
      expectFaults(answer, text.includes("u0061") ? "/payload" : "/type");
    }
  }),
  check("400: deeper than 64", async (world) => {
    const main = await world.organization("main");
    expectAnswer(await main.call("POST", path, `{"type":"a","payload":${nested(64)}}`), 202);
    expectProblem(await main.call("POST", path, `{"type":"a","payload":${nested(66)}}`), 400, undefined, {
      errors,
    });
  }),
  check("400: a number that is not finite", async (world) => {
    const main = await world.organization("main");
    for (const number of ["1e999", "-1e999"]) {
      const text = `{"type":"a","payload":{"a":${number}}}`;
      expectFaults(await main.call("POST", path, text), "/payload/a");
    }
    for (const number of ["NaN", "Infinity"]) {
      const text = `{"type":"a","payload":{"a":${number}}}`;
      expectProblem(await main.call("POST", path, text), 400, "malformed_json");
    }
  }),
  check("400: errors: [{pointer, detail}], one per broken field", async (world) => {
    const main = await world.organization("main");
    const broken = { type: "..", payload: 1, dedup_id: "", metadata: 1, occurred_at: "now" };
    const answer = await main.call("POST", path, broken);
    expectProblem(answer, 400, "invalid_request");
    expectFaults(answer, "/type", "/payload", "/dedup_id", "/metadata", "/occurred_at");
  }),
  check(
    "in this order: 401 before 413, 403 before 413, 413 before 415, 415 before 400, 400 before 409",
    async (world) => {
      const main = await world.organization("main");
      const plain = { "content-type": "text/plain" };
      expectProblem(await world.call("POST", path, eventOf(limit + 1), plain), 401);
      const created = await main.call("POST", "/api/keys", { scopes: ["read"] });
      const reader = { "x-api-key": (created.body as { api_key: string }).api_key };
      expectProblem(await main.call("POST", path, eventOf(limit + 1), { ...plain, ...reader }), 403);
      expectProblem(await main.call("POST", path, eventOf(limit + 1), plain), 413);
      expectProblem(await main.call("POST", path, "{", plain), 415);
      const dedup_id = randomUUID();
      await main.publish({ dedup_id });
      expectProblem(await main.call("POST", path, { type: ".", payload: {}, dedup_id }), 400);
    },
  ),
];
