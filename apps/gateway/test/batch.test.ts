import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiAnswer, type ApiClient, eventually } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway({ RATE_LIMIT_FREE: "20" });
  client = await gateway.createClient();
});
afterAll(() => gateway.stop());

const path = "/api/events/batch";
const event = (more: object = {}) => ({ type: "a", payload: {}, ...more });
const many = (count: number) => Array.from({ length: count }, (_, n) => event({ payload: { n } }));
const post = (body: unknown, headers?: Record<string, string>, by = client) =>
  by.request("POST", path, body, headers);
const postLines = (lines: string[], headers = {}) =>
  post(lines.join("\n"), { "content-type": "application/x-ndjson", ...headers });
const countsOf = ({ body }: ApiAnswer) => [body.accepted, body.duplicates, body.rejected] as unknown[];
const resultsOf = ({ body }: ApiAnswer) =>
  body.results as { index: number; status: string; id?: string; error?: { code: string } }[];
const idsOf = (answer: ApiAnswer) => resultsOf(answer).map(({ id }) => id);
const statusesOf = (answer: ApiAnswer) => resultsOf(answer).map(({ status }) => status);
const read = async (id: string | undefined) => client.request("GET", `/api/events/${String(id)}`);

describe("a batch (contract, section 2)", () => {
  test("has one answer per event, in order, and each event is there at once", async () => {
    const answer = await post({ events: many(30) });
    expect([answer.status, ...countsOf(answer)]).toEqual([202, 30, 0, 0]);
    expect(resultsOf(answer).map(({ index }) => index)).toEqual([...Array(30).keys()]);
    expect(new Set(idsOf(answer)).size).toBe(30);
    const texts = await Promise.all(idsOf(answer).map(async (id) => (await read(id)).text));
    texts.forEach((text, n) => expect(text).toContain(`"payload":{"n":${n}}}`));
  });

  test("keeps each payload byte for byte, as JSON and as lines", async () => {
    const payloads = [
      String.raw`{"b":1, "a":9007199254740993,"c":"\u0000\ud800\/]},"}`,
      `{"n":[ 1.0 ,{"payload":[]} ]  ,"n":2}`,
      `{}`,
    ];
    const texts = payloads.map((payload) => `{"x":"}",  "p\\u0061yload" :\t${payload} ,"type":"a"}`);
    for (const answer of [await post(`{"events":[ ${texts.join(" , ")} ]}`), await postLines(texts)]) {
      expect(countsOf(answer)).toEqual([3, 0, 0]);
      const found = await Promise.all(idsOf(answer).map(read));
      found.forEach(({ text }, n) => expect(text).toContain(`"payload":${String(payloads[n])}}`));
    }
  });

  test("accepts what is valid and says of the rest what is wrong with it", async () => {
    const deep = `${'{"a":'.repeat(64)}{}${"}".repeat(64)}`;
    const items = [
      JSON.stringify(event({ surprise: 1, dedup_id: "partly" })),
      `{"type":".","payload":[],"subscriber":7}`,
      `7`,
      `{"type":"a","payload":{"n":1e400}}`,
      `{"type":"a","payload":${deep}}`,
      `{"type":"a","type":"b","payload":{}}`,
      JSON.stringify(event({ payload: { big: "x".repeat(262_144) } })),
      JSON.stringify(event({ dedup_id: "partly" })),
    ];
    for (const answer of [await post(`{"events":[${items.join(",")}]}`), await postLines(items)]) {
      const results = resultsOf(answer);
      expect(answer.status).toBe(202);
      expect(results.slice(1, 7).map(({ error }) => error?.code)).toEqual([
        ...Array.from({ length: 5 }, () => "invalid_request"),
        "payload_too_large",
      ]);
      expect(results[1]).toMatchObject({
        error: { errors: ["/type", "/payload", "/subscriber"].map((pointer) => ({ pointer })) },
      });
      expect(results[3]).toMatchObject({ error: { errors: [{ pointer: "/payload/n" }] } });
      expect(results[0]).toMatchObject({ warnings: [{ pointer: "/surprise" }] });
      expect(results[7]).toEqual({
        index: 7,
        status: "duplicate",
        id: results[0]?.id,
        created_at: expect.any(String),
      });
      expect(results.slice(1, 7).filter(({ id }) => id !== undefined)).toEqual([]);
    }
  });

  test("knows repeats of earlier events, and of its own", async () => {
    const first = await client.publish(event({ dedup_id: "d-1" }));
    const answer = await post({
      events: [event({ dedup_id: "d-1" }), event({ dedup_id: "d-2" }), event({ dedup_id: "d-2" }), event()],
    });
    expect(statusesOf(answer)).toEqual(["duplicate", "accepted", "duplicate", "accepted"]);
    expect(idsOf(answer).slice(0, 1)).toEqual([first.body.id]);
    expect(idsOf(answer)[2]).toBe(idsOf(answer)[1]);
    const single = await client.publish(event({ dedup_id: "d-2" }));
    expect([single.status, single.body.id]).toEqual([409, idsOf(answer)[1]]);
  });

  test("may hold 1 or 1000 events, lines that are empty not counted", async () => {
    expect(countsOf(await post({ events: many(1) }))).toEqual([1, 0, 0]);
    expect(countsOf(await post({ events: many(1_000) }))).toEqual([1_000, 0, 0]);
    expect(
      countsOf(await postLines(["", JSON.stringify(event()), "  ", "\r", JSON.stringify(event()), ""])),
    ).toEqual([2, 0, 0]);
  });

  test("of lines has a line that is no JSON rejected, and nothing of it repeated", async () => {
    const answer = await postLines([JSON.stringify(event()), '{"type":"secret-word', "secret-word"]);
    expect(statusesOf(answer)).toEqual(["accepted", "rejected", "rejected"]);
    expect(resultsOf(answer)[1]?.error?.code).toBe("malformed_json");
    expect(answer.text).not.toContain("secret-word");
  });

  test("reaches the inbox", async () => {
    const reader = await gateway.createClient();
    const worker = await gateway.startWorker();
    const sent = await post({ events: many(250) }, {}, reader);
    await eventually(async () => {
      const { body } = await reader.request("GET", "/api/inbox?limit=1000");
      expect((body.events as { id: string }[]).map(({ id }) => id).sort()).toEqual(idsOf(sent).sort());
    });
    await worker.stop();
  });
});

describe("a batch is refused as a whole", () => {
  test.each([
    ["no events", { events: [] }, "invalid_request", ["/events"]],
    ["1001 events", { events: many(1_001) }, "invalid_request", ["/events"]],
    ["events that are no list", { events: {} }, "invalid_request", ["/events"]],
    ["a missing list", {}, "invalid_request", ["/events"]],
    ["a list alone", [event()], "invalid_request", [""]],
    ["another field", { events: [event()], event: 1 }, "unknown_field", ["/event"]],
    ["a repeated list", '{"events":[],"events":[]}', "invalid_request", ["/events"]],
    [
      "not one valid event",
      { events: [{}, event({ type: "" })] },
      "invalid_request",
      ["/events/0/type", "/events/0/payload", "/events/1/type"],
    ],
  ])("with %s", async (_what, body, code, pointers) => {
    const answer = await post(body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect((answer.body.errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  test("when it is no JSON, no UTF-8, of another type or beyond 10 MiB", async () => {
    const answers = [
      await post('{"events":['),
      await post(Buffer.from('{"events":["\xff"]}', "latin1")),
      await post(Buffer.from('{"type":"\xff"}', "latin1"), { "content-type": "application/x-ndjson" }),
      await postLines(["", " "]),
      await post("x", { "content-type": "text/csv" }),
      await post(" ".repeat(10_485_761)),
    ];
    expect(answers.map(({ status, body }) => `${status} ${String(body.code)}`)).toEqual([
      "400 malformed_json",
      "400 malformed_json",
      "400 malformed_json",
      "400 invalid_request",
      "415 unsupported_media_type",
      "413 payload_too_large",
    ]);
    expect(answers[5]?.body.limit_bytes).toBe(10_485_760);
  });
});

describe("a batch and the publish limit", () => {
  const remaining = ({ headers }: ApiAnswer) => headers.get("x-ratelimit-remaining");

  test("counts as its number of events, rejected ones too", async () => {
    const small = await gateway.createClient("free");
    const answer = await post({ events: [...many(7), {}] }, {}, small);
    expect([answer.status, remaining(answer)]).toEqual([202, "12"]);
    expect(remaining(await small.publish(event()))).toBe("11");
  });

  test("that does not fit is refused whole, costs one, and leaves the rest to others", async () => {
    const small = await gateway.createClient("free");
    await post({ events: many(10) }, {}, small);
    const refused = await post({ events: many(11) }, {}, small);
    expect([refused.status, refused.body.code, remaining(refused)]).toEqual([
      429,
      "rate_limit_exceeded",
      "9",
    ]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect((await post({ events: many(9) }, {}, small)).status).toBe(202);
    expect((await small.publish(event())).status).toBe(429);
  });

  test("that can never fit says so; exactly the limit fits", async () => {
    const small = await gateway.createClient("free");
    const never = await post({ events: many(21) }, {}, small);
    expect([never.status, never.body.code, never.body.limit]).toEqual([413, "batch_exceeds_rate_limit", 20]);
    const fresh = await gateway.createClient("free");
    expect((await post({ events: many(20) }, {}, fresh)).status).toBe(202);
  });
});

describe("a batch with an Idempotency-Key", () => {
  const keyed = (key: string, events: unknown[]) => post({ events }, { "idempotency-key": key });
  const replayed = ({ headers }: ApiAnswer) => headers.get("idempotency-replayed");

  test("and the same body replays the first answer, repeats inside it too", async () => {
    const events = [{}, event(), event({ dedup_id: "k-1" }), event({ dedup_id: "k-1" }), event()];
    const [first, again] = [await keyed("batch", events), await keyed("batch", events)];
    expect(statusesOf(first)).toEqual(["rejected", "accepted", "accepted", "duplicate", "accepted"]);
    expect([replayed(first), replayed(again)]).toEqual([null, "true"]);
    expect(again.text).toBe(first.text);
  });

  test("and another body is a 422, and nothing of it is added", async () => {
    await keyed("changed", many(3));
    const answer = await keyed("changed", [...many(3), event({ dedup_id: "never added" })]);
    expect([answer.status, answer.body.code]).toEqual([422, "idempotency_key_reused"]);
    expect((await client.publish(event({ dedup_id: "never added" }))).status).toBe(202);
  });

  test("shares its key with single events", async () => {
    await keyed("shared", many(2));
    const single = await client.request("POST", "/api/events", event(), { "idempotency-key": "shared" });
    expect(single.status).toBe(422);
  });

  test("whose events all have dedup_ids is a repeat by them", async () => {
    const events = [event({ dedup_id: "a-1" }), event({ dedup_id: "a-2" })];
    const [first, again] = [await keyed("all", events), await keyed("all", events)];
    const other = await keyed("all", [...events, event({ dedup_id: "a-3" })]);
    expect([idsOf(again), replayed(again)]).toEqual([idsOf(first), "true"]);
    expect([statusesOf(other), replayed(other)]).toEqual([["duplicate", "duplicate", "accepted"], null]);
  });
});
