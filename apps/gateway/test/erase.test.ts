import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiClient, eventually, type Receiver, startReceiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const unknownId = "01890000-0000-7000-8000-000000000000";
const event = { type: "a", payload: { name: "secret" }, metadata: { name: "secret" } };

let gateway: TestGateway;
let client: ApiClient;
let receiver: Receiver;

beforeAll(async () => {
  gateway = await startTestGateway({ WEBHOOK_ALLOWED_CIDRS: "127.0.0.0/8" });
  client = await gateway.createClient();
  receiver = await startReceiver((_webhook, res) => void res.setHeader("x-echo", "secret").end("secret"));
  await client.request("POST", "/api/webhook/config", { webhook_url: receiver.url });
});
afterAll(async () => {
  await gateway.stop();
  await receiver.close();
});

async function publish(from = client): Promise<string> {
  const { status, body } = await from.publish(event);
  expect(status).toBe(202);
  return body.id as string;
}
const erase = (id: string, from = client) => from.request("DELETE", `/api/events/${id}`);
const byId = (id: string) => client.request("GET", `/api/events/${id}`);

/** All that Redis holds of this test. */
async function redisText(): Promise<string> {
  const redis = new Redis(gateway.settings.REDIS_URL ?? "");
  try {
    const keys = await redis.keys(`{${gateway.settings.REDIS_PREFIX}}:events:0*`);
    return JSON.stringify(await Promise.all(keys.map((key) => redis.hgetall(key))));
  } finally {
    redis.disconnect();
  }
}

// No worker runs yet: what is accepted stays in the queue until this block starts one.
describe("the erasure of an event that is still queued (contract, section 2)", () => {
  let erased: string;

  test("takes the payload out of Redis and out of what is shown", async () => {
    erased = await publish();
    expect(await redisText()).toContain("secret");
    expect((await erase(erased)).status).toBe(204);
    expect(await redisText()).toContain(client.organizationId);
    expect(await redisText()).not.toContain("secret");
    const { status, body, text } = await byId(erased);
    expect([status, body.payload, body.erased_at]).toEqual([200, null, expect.any(String)]);
    expect(text).not.toContain("secret");
    expect((await erase(erased)).status).toBe(204);
  });

  test("holds when a worker comes: nothing of it is stored, delivered or in the inbox", async () => {
    await gateway.startWorker();
    const next = await publish();
    await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === next);
    await eventually(async () => expect((await byId(erased)).body.status).toBe("acknowledged"));
    const { body } = await byId(erased);
    expect(body).toMatchObject({ payload: null, metadata: null, delivery_status: "none", deliveries: [] });
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([next]);
    expect((await client.request("GET", "/api/inbox?status=undelivered")).text).not.toContain(erased);
  });
});

describe("an erasure", () => {
  test("leaves of a delivered event neither its payload nor what the receiver answered", async () => {
    const id = await publish();
    await eventually(async () => expect((await byId(id)).body.status).toBe("delivered"));
    expect((await byId(id)).text.match(/secret/g)).toHaveLength(4);
    expect((await erase(id)).status).toBe(204);
    const { text, body } = await byId(id);
    expect(text).not.toContain("secret");
    expect(body).toMatchObject({ id, type: "a", payload: null, delivery_status: "delivered", attempts: 1 });
    const times = body as { erased_at: string };
    expect((await erase(id)).status).toBe(204);
    expect((await byId(id)).body.erased_at).toBe(times.erased_at);
  });

  test("of an event with an attempt in flight ends its retries, and the late answer is not kept", async () => {
    let answer: () => void = () => undefined;
    receiver.respondWith((_webhook, res) => {
      answer = () => void res.writeHead(500).end("secret");
    });
    const id = await publish();
    const isIt = ({ headers }: { headers: object }) =>
      (headers as Record<string, string>)["webhook-id"] === id;
    await receiver.waitFor(1, isIt);
    expect((await erase(id)).status).toBe(204);
    answer();
    receiver.respondWith((_webhook, res) => void res.end("ok"));
    const next = await publish();
    await eventually(async () => expect((await byId(next)).body.status).toBe("delivered"));
    const { body, text } = await byId(id);
    expect(body).toMatchObject({ delivery_status: "cancelled", attempts: 0 });
    expect(text).not.toContain("secret");
    expect(receiver.received.filter(isIt)).toHaveLength(1);
  });

  test("at once with the event's persistence always wins, 50 times out of 50", async () => {
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const id = await publish();
        expect((await erase(id)).status).toBe(204);
        return id;
      }),
    );
    await eventually(async () => expect(await redisText()).toBe("[]"));
    const { body, text } = await client.request("GET", "/api/events?limit=50");
    expect((body.events as { id: string }[]).map(({ id }) => id).sort()).toEqual(ids.toSorted());
    expect(text).not.toContain("secret");
  });

  test("of an unknown event is a 404, of another organization's too and erases nothing, of no UUID a 400", async () => {
    const stranger = await gateway.createClient();
    const id = await publish();
    const answers = [await erase(unknownId), await erase(id, stranger), await erase("7")];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 400]);
    expect((await byId(id)).body.payload).toEqual(event.payload);
  });
});
