import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ApiAnswer, ApiClient } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway({ RATE_LIMIT_FREE: "5" });
  client = await gateway.createClient();
});
afterAll(() => gateway.stop());

let lastId = 0;
const attributes = (more: object = {}) => ({
  specversion: "1.0",
  id: `id-${++lastId}`,
  source: "/tests",
  type: "a",
  ...more,
});
const post = (type: string, body: unknown, { query = "", by = client, headers = {} } = {}) =>
  by.request("POST", `/api/events${query}`, body, { "content-type": type, ...headers });
const structured = (body: unknown, query = "") => post("application/cloudevents+json", body, { query });
const batch = (body: unknown, by = client) => post("application/cloudevents-batch+json", body, { by });
const binary = (headers: Record<string, string>, body?: unknown, contentType = "application/json") =>
  client.request("POST", "/api/events", body, {
    "content-type": contentType,
    "ce-specversion": "1.0",
    "ce-id": `id-${++lastId}`,
    "ce-source": "/tests",
    "ce-type": "a",
    ...headers,
  });
const read = (answer: ApiAnswer) => client.request("GET", `/api/events/${String(answer.body.id)}`);
const pointersOf = ({ body }: ApiAnswer) =>
  (body.errors as { pointer: string }[]).map(({ pointer }) => pointer).sort();

describe("a structured CloudEvent (contract, section 3)", () => {
  test("keeps its data byte for byte", async () => {
    const data = String.raw`[ 1.0,{"b":9007199254740993, "a":"\u0000\/"} , 1e2]`;
    const text = `{"data" : ${data} ,${JSON.stringify(attributes()).slice(1)}`;
    const answer = await structured(text);
    expect(answer.status).toBe(202);
    expect((await read(answer)).text).toContain(`"payload":${data}}`);
  });

  test("keeps extensions of every kind; null is not set", async () => {
    const extensions = { flag: true, count: -7, note: "", comexampleother1: "x" };
    const answer = await structured(attributes({ ...extensions, subject: null, gone: null, data: null }));
    const { body } = await read(answer);
    expect(body.cloudevent).toMatchObject(extensions);
    expect(body.cloudevent).not.toHaveProperty("subject");
    expect(body.cloudevent).not.toHaveProperty("gone");
    expect(body.payload).toBeNull();
  });

  test("is one event per source and id, not per either", async () => {
    const one = attributes();
    const answers = [
      await structured(one),
      await structured({ ...one, source: "/other" }),
      await structured({ ...one, id: `${one.id}-2` }),
      await client.publish({ type: "a", payload: {}, dedup_id: `/tests ${one.id}` }),
      await structured({ ...one, data: "changed" }),
    ];
    expect(answers.map(({ status, body }) => [status, Boolean(body.duplicate)])).toEqual([
      [202, false],
      [202, false],
      [202, false],
      [202, false],
      [202, true],
    ]);
  });

  test("that repeats is a 409 for those who ask for it", async () => {
    const one = attributes();
    await structured(one);
    const refused = await structured(one, "?on_duplicate=refuse");
    expect([refused.status, refused.body.code]).toEqual([409, "duplicate_event"]);
  });

  test("may be of any printable type, and a long name is a warning", async () => {
    const type = 'Größe: 100% "neu" / v2 😀.';
    const answer = await structured(attributes({ type, averyveryverylongextensionname: "x" }));
    expect([answer.status, answer.body.type]).toEqual([202, type]);
    expect(answer.body.warnings).toEqual([
      { pointer: "/averyveryverylongextensionname", detail: expect.any(String) },
    ]);
  });

  test.each([
    ["no attributes", {}, ["/id", "/source", "/specversion", "/type"]],
    ["version 0.3", attributes({ specversion: "0.3" }), ["/specversion"]],
    ["an empty id", attributes({ id: "" }), ["/id"]],
    ["an id that is null", attributes({ id: null }), ["/id"]],
    ["a source with a space", attributes({ source: "a b" }), ["/source"]],
    ["a type with a control character", attributes({ type: "a\nb" }), ["/type"]],
    ["an empty subject", attributes({ subject: "" }), ["/subject"]],
    ["a time that is none", attributes({ time: "yesterday" }), ["/time"]],
    ["a content type that is none", attributes({ datacontenttype: "json" }), ["/datacontenttype"]],
    ["an extension with capitals", attributes({ myExt: "x" }), ["/myExt"]],
    ["an extension that is an object", attributes({ ext: {} }), ["/ext"]],
    ["an extension that is a fraction", attributes({ ext: 1.5 }), ["/ext"]],
    ["data twice", attributes({ data: 1, data_base64: "AA==" }), ["/data_base64"]],
    ["data that is no base64", attributes({ data_base64: "%" }), ["/data_base64"]],
    ["a list", [attributes()], [""]],
  ])("with %s is a 400 that says where", async (_what, body, pointers) => {
    const answer = await structured(body);
    expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
    expect(pointersOf(answer)).toEqual(pointers);
  });

  test("that is no JSON is a 400, another format a 415, too large a 413", async () => {
    const answers = [
      await structured("{"),
      await post("application/cloudevents+avro", "x"),
      await post("application/cloudevents+json; charset=latin1", attributes()),
      await structured(" ".repeat(262_145)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 415, 415, 413]);
  });
});

describe("a binary CloudEvent", () => {
  test("keeps JSON data byte for byte, whatever value it is", async () => {
    for (const data of ['{ "a":1.0}', "[1, 2]", '"text"', "1e2", "true", "null"]) {
      const answer = await binary({}, ` ${data}\n`);
      expect([answer.status, answer.body.warnings]).toEqual([202, undefined]);
      expect((await read(answer)).text).toContain(`"payload":${data}}`);
    }
  });

  test.each([
    ["Gr%C3%B6%C3%9Fe%20%25", "Größe %"],
    ["Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"],
    ['"quoted \\"text\\""', 'quoted "text"'],
    ["100%", "100%"],
    [Buffer.from("Größe").toString("latin1"), "Größe"],
  ])("has its headers decoded: %s", async (header, text) => {
    const answer = await binary({ "ce-subject": header, "ce-ext": header, "ce-type": header });
    const { body } = await read(answer);
    expect([body.type, body.cloudevent.subject, body.cloudevent.ext]).toEqual([text, text, text]);
  });

  test("without data has a payload that is null", async () => {
    const { body } = await read(await binary({}));
    expect(body.payload).toBeNull();
    expect(body).not.toHaveProperty("data_content_type");
  });

  test("takes words that are no JSON as a string, and says so", async () => {
    const answer = await binary({}, "no quotes");
    expect(answer.body.warnings).toEqual([{ pointer: "", detail: expect.any(String) }]);
    expect((await read(answer)).body.payload).toBe("no quotes");
  });

  test.each([
    ["half an object", {}, '{"a":', "application/json", "malformed_json", [""]],
    ["a number that is not finite", {}, '{"a":[1e999]}', "application/json", "invalid_request", ["/a/0"]],
    [
      "version 0.3",
      { "ce-specversion": "0.3" },
      "{}",
      "application/json",
      "invalid_request",
      ["ce-specversion"],
    ],
    [
      "bytes that are no UTF-8 in a header",
      { "ce-subject": "%FF" },
      "{}",
      "application/json",
      "invalid_request",
      ["ce-subject"],
    ],
    [
      "an empty id and type",
      { "ce-id": "", "ce-type": "" },
      "{}",
      "application/json",
      "invalid_request",
      ["ce-id", "ce-type"],
    ],
    ["a name with a hyphen", { "ce-a-b": "x" }, "{}", "application/json", "invalid_request", ["ce-a-b"]],
    ["a content type that is none", {}, "{}", "json", "invalid_request", ["Content-Type"]],
  ])("with %s is a 400 that says where", async (_what, headers, body, contentType, code, pointers) => {
    const answer = await binary(headers, body, contentType);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(pointersOf(answer)).toEqual(pointers);
  });

  test("of which some headers are missing is no plain event, but a 400 that names them", async () => {
    const answer = await post("application/json", { type: "a", payload: {} }, { headers: { "ce-id": "1" } });
    expect([answer.status, pointersOf(answer)]).toEqual([400, ["ce-source", "ce-specversion", "ce-type"]]);
  });
});

describe("a batch of CloudEvents", () => {
  test("has one answer per event", async () => {
    const one = attributes({ data: [1] });
    const answer = await batch([one, attributes({ type: "" }), one, attributes({ data_base64: "AAH/" })]);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      accepted: 2,
      duplicates: 1,
      rejected: 1,
      results: [
        { index: 0, status: "accepted" },
        { index: 1, status: "rejected", error: { errors: [{ pointer: "/type" }] } },
        { index: 2, status: "duplicate", id: answer.body.results[0].id },
        { index: 3, status: "accepted" },
      ],
    });
    const again = await batch([one]);
    expect([again.status, again.body.duplicates]).toEqual([202, 1]);
  });

  test("may be empty, or larger than one event may be", async () => {
    const empty = await batch([]);
    expect([empty.status, empty.body]).toEqual([
      202,
      { accepted: 0, duplicates: 0, rejected: 0, results: [] },
    ]);
    const large = await batch(Array.from({ length: 10 }, () => attributes({ data: "x".repeat(100_000) })));
    expect([large.status, large.body.accepted]).toEqual([202, 10]);
  });

  test("counts as its number of events", async () => {
    const small = await gateway.createClient("free");
    const four = await batch(
      Array.from({ length: 4 }, () => attributes()),
      small,
    );
    const two = await batch([attributes(), attributes()], small);
    expect([four.status, four.headers.get("x-ratelimit-remaining"), two.status]).toEqual([202, "1", 429]);
  });

  test.each([
    ["no list", attributes(), [""]],
    ["not one valid event", [{ ...attributes(), id: "" }, 7], ["/0/id", "/1"]],
    ["1001 events", Array.from({ length: 1_001 }, () => attributes()), [""]],
  ])("with %s is a 400", async (_what, body, pointers) => {
    const answer = await batch(body);
    expect([answer.status, pointersOf(answer)]).toEqual([400, pointers]);
  });
});
