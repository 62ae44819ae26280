import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventually, type Receiver } from "@triggers/testing";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;

beforeAll(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  await system.startWorker();
}, 30_000);

afterAll(() => system.stop());

const webhookOf = async (id: string) => {
  const [webhook] = await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === id);
  if (!webhook) throw new Error("nothing came");
  return webhook;
};

test.each([
  ["an escaped NUL", String.raw`{"text":"a\u0000b"}`],
  ["a lone surrogate's escape", String.raw`{"text":"\ud83d","other":"\uDE00"}`],
  ["a number beyond 2^53", `{"n":9007199254740993,"f":1.0,"e":1e2,"neg":-0}`],
  ["odd whitespace and key order", `{ "z" :1,\n\t"a":[ 1 ,2 ]  ,"2":{}\r, "1" : null }`],
  ["needless escapes, slashes and raw Unicode", String.raw`{"\u0061":"\/\u00e4ä€😀","b":""}`],
])("a payload with %s arrives byte for byte", async (_what, payload) => {
  const client = await system.createClient(receiver.url);
  const answer = await client.request("POST", "/api/events", `{"payload":${payload} , "type":"bytes.kept"}`);
  expect(answer.status).toBe(202);
  const { id } = answer.body as { id: string };
  const { body } = await webhookOf(id);
  const { timestamp } = JSON.parse(body.toString()) as { timestamp: string };
  expect(body.toString()).toBe(
    `{"id":"${id}","type":"bytes.kept","timestamp":"${timestamp}","data":${payload}}`,
  );
  expect((await client.request("GET", `/api/events/${id}`)).text).toContain(`"payload":${payload}}`);
});

describe("unmodified clients verify a delivered webhook", () => {
  test.each([
    ["standardwebhooks", (secret: string) => new StandardWebhook(secret)],
    ["svix", (secret: string) => new SvixWebhook(secret)],
  ])("%s", async (_name, createVerifier) => {
    const client = await system.createClient(receiver.url);
    const id = await publishOne(client, { type: "user.created", payload: { name: "Zoë 😀" } });
    const { body, headers } = await webhookOf(id);
    const verifier = createVerifier(client.signingSecret);
    const plainHeaders = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, String(value)]),
    );
    expect(() => void verifier.verify(body.toString(), plainHeaders)).not.toThrow();
    expect(() => void verifier.verify(`${body.toString()} `, plainHeaders)).toThrow();
  });
});

test("an endpoint's 200 followed at once by an event delivers it, 100 times out of 100", async () => {
  const ids: string[] = [];
  for (let time = 0; time < 100; time += 1) {
    const client = await system.createClient();
    // Whatever a worker may remember of this organization by now, it knows no endpoint.
    await publishOne(client);
    expect((await client.request("POST", "/api/webhook/config", { webhook_url: receiver.url })).status).toBe(
      200,
    );
    ids.push(await publishOne(client));
  }
  await eventually(() => {
    const received = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
    expect(ids.filter((id) => !received.has(id))).toEqual([]);
  });
});

test("a webhook names its event and its attempt, and tells when the event happened", async () => {
  const client = await system.createClient(`${receiver.url}/hooks?a=1`);
  const occurredAt = "2026-01-02T03:04:05.678Z";
  const id = await publishOne(client, { type: "order.paid", occurred_at: occurredAt });
  const { body, headers, path } = await webhookOf(id);
  expect(path).toBe("/hooks?a=1");
  expect(headers).toMatchObject({
    "content-type": "application/json",
    "webhook-id": id,
    "x-event-id": id,
    "x-event-type": "order.paid",
    "x-delivery-attempt": "1",
  });
  expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1_000)).toBeLessThan(30);
  expect(JSON.parse(body.toString())).toMatchObject({ timestamp: occurredAt });
});

test.each([
  ["without data", undefined, undefined, "null"],
  ["of JSON that is no object", "application/json", "[1.0, 2]", "[1.0, 2]"],
  ["of text", "text/plain", 'says "hi"', String.raw`"says \"hi\""`],
  ["of bytes", "application/octet-stream", Buffer.from([0, 255]), '{"data_base64":"AP8="}'],
])("a CloudEvent %s is a webhook like any other", async (_what, contentType, body, data) => {
  const client = await system.createClient(receiver.url);
  const type = "com.acme: größe/1";
  const answer = await client.request("POST", "/api/events", body, {
    ...(contentType === undefined ? {} : { "content-type": contentType }),
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/tests",
    "ce-type": encodeURIComponent(type),
  });
  expect(answer.status).toBe(202);
  const { id } = answer.body as { id: string };
  const webhook = await webhookOf(id);
  const { timestamp } = JSON.parse(webhook.body.toString()) as { timestamp: string };
  expect(webhook.body.toString()).toBe(
    `{"id":"${id}","type":"${type}","timestamp":"${timestamp}","data":${data}}`,
  );
  expect(webhook.headers["x-event-type"]).toBe("com.acme:%20gr%C3%B6%C3%9Fe/1");
});
