import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ReceivedWebhook, Receiver } from "@triggers/testing";
import { CloudEvent, type CloudEventV1, HTTP, type Message } from "cloudevents";
import { Webhook } from "standardwebhooks";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: Awaited<ReturnType<System["createClient"]>>;
let secret: string;

beforeAll(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  await system.startWorker();
  client = await system.createClient();
  const created = await client.request("POST", "/api/endpoints", {
    url: receiver.url,
    format: "cloudevents",
  });
  secret = created.body.signing_secret as string;
}, 30_000);

afterAll(() => system.stop());

const delivered = async (body: unknown, headers: Record<string, string> = {}): Promise<ReceivedWebhook> => {
  const answer = await client.request("POST", "/api/events", body, headers);
  expect(answer.status).toBe(202);
  const { id } = answer.body as { id: string };
  const [webhook] = await receiver.waitFor(1, (one) => one.headers["webhook-id"] === id);
  if (!webhook) throw new Error("nothing came");
  return webhook;
};
/** As a receiver does it: the signature first, then the SDK. */
const parse = ({ body, headers }: ReceivedWebhook): CloudEventV1<unknown> => {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  new Webhook(secret).verify(body.toString(), plain);
  expect(headers["content-type"]).toBe("application/cloudevents+json");
  const event = HTTP.toEvent({ headers, body: body.toString() });
  if (Array.isArray(event)) throw new Error("it came as a batch");
  return event;
};

const bytes = Buffer.from([0, 1, 254, 255]);

test.each<[string, "structured" | "binary", Partial<CloudEvent<unknown>>, unknown]>([
  [
    "an object",
    "structured",
    { data: { a: [1, { b: null }], c: "ä€😀" } },
    { a: [1, { b: null }], c: "ä€😀" },
  ],
  ["an object", "binary", { data: { a: 1 } }, { a: 1 }],
  ["text", "binary", { data: 'says "hi"', datacontenttype: "text/plain" }, 'says "hi"'],
  ["bytes", "structured", { data: bytes, datacontenttype: "application/octet-stream" }, bytes],
  ["bytes", "binary", { data: bytes, datacontenttype: "application/octet-stream" }, bytes],
  ["no data", "structured", {}, undefined],
])("the npm package cloudevents reads %s that it sent in %s mode, with all attributes", async (...args) => {
  const [, mode, content, data] = args;
  const sent = new CloudEvent({
    ...{ type: "com.acme:größe/1", source: "/acme/orders", subject: "order 7" },
    ...{ time: "2026-01-31T12:00:00.123Z", dataschema: "https://acme.test/order.json" },
    ...{ traceparent: "00-abc-01", ...content },
  });
  const { headers, body } = HTTP[mode](sent) as Message<string | Buffer>;
  const webhook = await delivered(body, headers as Record<string, string>);
  const event = parse(webhook);
  expect(event.id).toBe(webhook.headers["webhook-id"]);
  for (const name of ["type", "source", "subject", "time", "dataschema", "traceparent", "specversion"])
    expect([name, event[name]]).toEqual([name, sent[name]]);
  if (content.datacontenttype !== undefined) expect(event.datacontenttype).toBe(content.datacontenttype);
  if (Buffer.isBuffer(data)) expect(Buffer.from(event.data as Uint8Array)).toEqual(data);
  else expect(event.data).toEqual(data);
});

test("data arrives byte for byte", async () => {
  const data = `{ "z" :9007199254740993,\n\t"a":[ 1.0 ,2 ], "u":"\\ud83d\\/" }`;
  const text = `{"specversion":"1.0","id":"bytes","source":"/tests","type":"a.b","data":${data}}`;
  const webhook = await delivered(text, { "content-type": "application/cloudevents+json" });
  expect(webhook.body.toString()).toContain(`,"data":${data}}`);
});

test("an event that came as no CloudEvent is one with its organization as the source", async () => {
  const webhook = await delivered({
    ...{ type: "order.paid", payload: { total: 7 }, occurred_at: "2026-01-02T03:04:05.678Z" },
  });
  const event = parse(webhook);
  expect(event).toMatchObject({
    id: webhook.headers["webhook-id"],
    type: "order.paid",
    source: `urn:uuid:${client.organizationId}`,
    time: "2026-01-02T03:04:05.678Z",
    data: { total: 7 },
  });
});
