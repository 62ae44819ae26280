import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createEventId, type EventJob } from "@triggers/domain";
import { createEventQueue } from "@triggers/queues";
import { type ApiClient, type AppProcess, callApi, eventually, type Receiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { startSystem, type System } from "./start-system.ts";

const adminToken = "the-token-of-the-operator";
const marker = "m4rk3r-0f-4-p3rs0n";
const header = "m4rk3r-1n-4-h34d3r";

let system: System;
let gateway: AppProcess;
let worker: AppProcess;
let receiver: Receiver;
let client: ApiClient & { signingSecret: string };
let redis: Redis;

beforeAll(async () => {
  system = await startSystem();
  gateway = await system.startGateway({ ADMIN_TOKEN: adminToken, LOG_LEVEL: "debug" });
  receiver = await system.startReceiver((_webhook, res) => {
    res.setHeader("x-echo", marker).writeHead(500).end(marker);
  });
  client = await system.createClient(receiver.url);
  redis = new Redis(system.redisUrl);
  await client.request("POST", "/api/webhook/config", {
    webhook_url: receiver.url,
    headers: { "x-credential": header },
  });
}, 60_000);
afterAll(async () => {
  redis.disconnect();
  await system.stop();
});

/** Every row of every table, as text. */
async function databaseText(): Promise<string> {
  const tables = await system.db.introspection.getTables();
  const texts = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await system.db
        .selectFrom(name as "events")
        .selectAll()
        .execute();
      return JSON.stringify(rows, (_key, value: unknown) =>
        typeof value === "object" && value !== null && (value as { type?: string }).type === "Buffer"
          ? Buffer.from((value as { data: number[] }).data).toString("latin1")
          : value,
      );
    }),
  );
  return texts.join("\n");
}

/** Every key of this system and all that it holds, as text. */
async function redisText(): Promise<string> {
  const keys = await redis.keys(`*${system.prefix}*`);
  const texts = await Promise.all(
    keys.map(async (key) => {
      const type = await redis.type(key);
      if (type === "hash") return redis.hgetall(key);
      if (type === "string") return redis.get(key);
      if (type === "list") return redis.lrange(key, 0, -1);
      if (type === "zset") return redis.zrange(key, 0, -1);
      if (type === "set") return redis.smembers(key);
      return redis.xrange(key, "-", "+");
    }),
  );
  return JSON.stringify([keys, texts]);
}

const publish = async (): Promise<string> => {
  const { status, body } = await client.request(
    "POST",
    "/api/events?on_duplicate=accept",
    {
      ...{ type: "a", payload: { name: marker }, metadata: { name: marker } },
    },
    { "idempotency-key": `${marker}-${Math.random()}` },
  );
  expect(status).toBe(202);
  return String(body.id);
};

describe("data-protection deletion", () => {
  const ids: string[] = [];

  test("finds its way through the queue, the tables and the dead letters", async () => {
    // While no worker runs, these stay in the queue.
    ids.push(await publish(), await publish());
    const queue = createEventQueue(redis, system.prefix);
    const poison = createEventId(Date.now());
    const job = { v: 1, org: client.organizationId, type: "a", payload: `{"name":"${marker}"}`, sub: "\0" };
    await queue.enqueue(poison, job as EventJob);
    await queue.close();
    expect(await redisText()).toContain(marker);
    worker = await system.startWorker();
    await eventually(async () => {
      const letters = await system.db.selectFrom("dead_letters").select("event_id").execute();
      expect(letters).toEqual([{ event_id: poison }]);
      const { body } = await client.request("GET", `/api/events/${String(ids[0])}`);
      expect(body.attempts).toBeGreaterThan(0);
    }, 30_000);
    ids.push(poison);
    await worker.stop();
    ids.push(await publish());
    const [stored, queued] = [await databaseText(), await redisText()];
    expect([stored.includes(marker), queued.includes(marker)]).toEqual([true, true]);
  });

  test("of each event leaves no trace of its content in any table or key", async () => {
    for (const id of ids) expect((await client.request("DELETE", `/api/events/${id}`)).status).toBe(204);
    expect(await redisText()).not.toContain(marker);
    expect(await databaseText()).not.toContain(marker);
    worker = await system.startWorker();
    await eventually(async () => {
      const { body } = await client.request("GET", `/api/events/${String(ids[3])}`);
      expect(body.status).toBe("acknowledged");
    }, 30_000);
    expect(await databaseText()).not.toContain(marker);
    expect(await redisText()).not.toContain(marker);
  });

  test("of the organization leaves none of its name, its keys' names, its endpoints and its queued events either", async () => {
    const named = await callApi(gateway.url, "POST", "/api/keys/generate", { organization_name: marker });
    const { api_key: key, organization_id: id } = named.body as Record<string, string>;
    const call = (path: string, body: object) =>
      callApi(gateway.url, "POST", path, body, { "x-api-key": String(key) });
    await call("/api/keys", { name: marker });
    await call("/api/webhook/config", { webhook_url: `${receiver.url}/${marker}` });
    await worker.stop();
    const event = { type: marker, payload: { name: marker }, subscriber: marker, dedup_id: marker };
    expect((await call("/api/events", event)).status).toBe(202);
    expect(await databaseText()).toContain(marker);
    const path = `/api/admin/organizations/${String(id)}`;
    const authorization = { authorization: `Bearer ${adminToken}` };
    await eventually(async () => {
      const { status } = await callApi(gateway.url, "DELETE", path, undefined, authorization);
      expect([204, 404]).toContain(status);
    });
    expect(await databaseText()).not.toContain(marker);
    // What waits in the queue goes as soon as a worker takes it.
    worker = await system.startWorker();
    await eventually(async () => expect(await redisText()).not.toContain(marker), 30_000);
    expect(await databaseText()).not.toContain(marker);
  });
});

describe("what gateway and worker printed in all this, at the level debug", () => {
  const printed = () =>
    [...gateway.log, ...system.gateway.log, ...worker.log].map((line) => JSON.stringify(line));

  test("holds no API key, no signing secret, no custom header, no token and nothing of an event", async () => {
    await callApi(gateway.url, "GET", `/api/events?event_type=${marker}`, undefined, {
      "x-api-key": "trg_live_a_b",
    });
    await callApi(gateway.url, "POST", "/api/events", `{"type":"a","payload":{"name":"${marker}"`, {
      "x-api-key": client.apiKey,
    });
    const text = printed().join("\n");
    expect(text).toContain("listening");
    expect(client.signingSecret).toMatch(/^whsec_/);
    const secrets = [
      client.apiKey,
      client.apiKey.split("_").at(-1),
      client.signingSecret,
      header,
      adminToken,
      marker,
    ];
    for (const secret of secrets) expect(text).not.toContain(String(secret));
    expect(text).not.toContain(Buffer.alloc(32, 7).toString("base64"));
    expect(text).not.toContain(new URL(system.redisUrl).password);
  });

  test("is one JSON object a line, whatever a client wrote into paths, ids and types", async () => {
    const forged = '"}\n{"level":"error","message":"forged"}\u001b[2J';
    const at = gateway.log.length;
    await callApi(gateway.url, "GET", `/api/${encodeURIComponent(forged)}`, undefined, {
      "x-request-id": "a\tforged",
      "x-api-key": client.apiKey,
    });
    await client.request("POST", "/api/events", { type: forged, payload: {} });
    await client.request("POST", "/api/events", {
      type: "a",
      payload: {},
      dedup_id: forged,
      subscriber: forged,
    });
    await callApi(gateway.url, "GET", "/health");
    expect(gateway.log.slice(at).filter(({ message }) => message === "forged")).toEqual([]);
    for (const { level, message } of gateway.log) {
      expect([typeof level, typeof message]).toEqual(["string", "string"]);
    }
    expect(printed().join("")).not.toContain("\u001b");
  });
});
