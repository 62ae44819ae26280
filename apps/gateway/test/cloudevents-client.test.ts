import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiAnswer, type ApiClient, eventually } from "@triggers/testing";
import { CloudEvent, type CloudEventV1, emitterFor, HTTP, httpTransport, Mode } from "cloudevents";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.createClient();
  await gateway.startWorker();
}, 30_000);
afterAll(() => gateway.stop());

/** What the SDK made of an event, sent as it is. */
async function send(event: CloudEvent<unknown>, mode: "binary" | "structured"): Promise<ApiAnswer> {
  const { headers, body } = HTTP[mode](event);
  const response = await fetch(`${gateway.url}/api/events`, {
    method: "POST",
    headers: { ...(headers as Record<string, string>), "x-api-key": client.apiKey },
    ...(body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown };
}

const bytes = Buffer.from([0, 1, 254, 255, 10, 13]);
const xml = '<?xml version="1.0"?>\n<a b="ä">1</a>';
const cases: [string, Partial<CloudEventV1<unknown>>, unknown][] = [
  ["an object", { data: { a: [1, { b: null }], c: "ä€😀" } }, { a: [1, { b: null }], c: "ä€😀" }],
  ["an array", { data: [1, "two", [3]] }, [1, "two", [3]]],
  ["a string", { data: "just words" }, "just words"],
  ["an empty object", { data: {} }, {}],
  ["a number", { data: 42 }, 42],
  ["nothing", {}, null],
  ["text/plain", { data: 'line 1\nsays "hi" ä', datacontenttype: "text/plain" }, 'line 1\nsays "hi" ä'],
  ["text with a charset", { data: "grüß", datacontenttype: "text/plain; charset=utf-8" }, "grüß"],
  ["XML", { data: xml, datacontenttype: "application/xml" }, xml],
  ["SOAP", { data: xml, datacontenttype: "application/soap+xml" }, xml],
  [
    "bytes",
    { data: bytes, datacontenttype: "application/octet-stream" },
    { data_base64: bytes.toString("base64") },
  ],
  ["bytes without a type", { data: bytes }, { data_base64: bytes.toString("base64") }],
  ["readable bytes", { data: Buffer.from("abc"), datacontenttype: "image/png" }, { data_base64: "YWJj" }],
  ["another JSON", { data: { a: 1 }, datacontenttype: "application/vnd.acme+json" }, { a: 1 }],
];

describe.each(["binary", "structured"] as const)("the npm package cloudevents in %s mode", (mode) => {
  test.each(cases)("sends %s, twice, which is one event", async (_what, content, payload) => {
    const event = new CloudEvent({
      type: "com.acme:order/v2:created",
      source: "/acme/orders",
      subject: "order 7",
      time: "2026-01-31T12:00:00.123Z",
      dataschema: "https://acme.test/order.json",
      traceparent: "00-abc-01",
      ...content,
    });
    const [first, again] = [await send(event, mode), await send(event, mode)];
    expect([first.status, first.body.duplicate, first.body.type]).toEqual([202, undefined, event.type]);
    expect([again.status, again.body.duplicate, again.body.id]).toEqual([202, true, first.body.id]);
    const expected = {
      type: event.type,
      payload,
      dedup_id: `/acme/orders ${event.id}`,
      occurred_at: "2026-01-31T12:00:00.123Z",
      cloudevent: {
        specversion: "1.0",
        id: event.id,
        source: "/acme/orders",
        subject: "order 7",
        time: "2026-01-31T12:00:00.123Z",
        dataschema: "https://acme.test/order.json",
        traceparent: "00-abc-01",
        ...(content.datacontenttype === undefined ? {} : { datacontenttype: content.datacontenttype }),
      },
      ...(content.datacontenttype === undefined ? {} : { data_content_type: content.datacontenttype }),
    };
    const accepted = await client.request("GET", `/api/events/${String(first.body.id)}`);
    expect(accepted.body).toMatchObject(expected);
    await eventually(async () => {
      const { body } = await client.request("GET", `/api/events/${String(first.body.id)}`);
      expect(body.status).not.toBe("accepted");
      expect(body).toMatchObject(expected);
      const inbox = await client.request("GET", "/api/inbox?limit=1000");
      const stored = (inbox.body.events as { id: string }[]).filter(({ id }) => id === first.body.id);
      expect(stored).toEqual([expect.objectContaining({ type: event.type, payload })]);
    });
  });

  test("sends with its own transport", async () => {
    const answers: unknown[] = [];
    const transport = httpTransport(`${gateway.url}/api/events`);
    const emit = emitterFor(
      async (message) => {
        const headers = { ...message.headers, "x-api-key": client.apiKey };
        const answer = await transport({ ...message, headers });
        answers.push(answer);
        return answer;
      },
      { mode: mode === "binary" ? Mode.BINARY : Mode.STRUCTURED },
    );
    await emit(new CloudEvent({ type: "a.b", source: "urn:emitter", data: { n: 1 } }));
    expect(answers).toEqual([
      expect.objectContaining({ body: expect.stringContaining('"status":"accepted"') }),
    ]);
  });
});
