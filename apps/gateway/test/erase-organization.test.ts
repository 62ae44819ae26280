import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { beginErasure, continueErasure, createPartitions, insertDeadLetter } from "@triggers/db";
import { createEventId, createId, deliveryIdOf } from "@triggers/domain";
import { createEventQueue, type EventQueue } from "@triggers/queues";
import { type ApiClient, callApi, eventually, startReceiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { type OperatorGateway, startOperatorGateway } from "./start-operator.ts";

let operator: OperatorGateway;
let redis: Redis;
let queue: EventQueue;

beforeAll(async () => {
  operator = await startOperatorGateway({ SWEEP_INTERVAL_MS: "200" });
  redis = new Redis(operator.gateway.settings.REDIS_URL ?? "");
  queue = createEventQueue(redis, operator.gateway.settings.REDIS_PREFIX ?? "");
});
afterAll(async () => {
  await queue.close();
  redis.disconnect();
  await operator.stop();
});

const tables = [
  "api_keys",
  "endpoints",
  "feeds",
  "events",
  "deliveries",
  "attempts",
  "replays",
  "event_intents",
  "dead_letters",
] as const;

async function rowsOf(organizationId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const { rows } = await operator.db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as("rows"))
      .where("organization_id", "=", organizationId)
      .executeTakeFirstOrThrow();
    if (rows > 0) counts[table] = rows;
  }
  const row = await operator.db
    .selectFrom("organizations")
    .select("id")
    .where("id", "=", organizationId)
    .executeTakeFirst();
  return row ? { ...counts, organizations: 1 } : counts;
}

/** An organization with rows in every table, some of another day, and one that it must not be confused with. */
async function fullOrganization(events = 3): Promise<ApiClient> {
  const client = await operator.gateway.createClient();
  const { organizationId } = client;
  const days = [Date.now(), Date.now() - 86_400_000];
  await createPartitions(
    operator.db,
    days.map((day) => Math.floor(day / 86_400_000) * 86_400_000),
  );
  const endpointId = createId();
  await operator.db
    .insertInto("endpoints")
    .values({
      id: endpointId,
      organization_id: organizationId,
      url: "http://127.0.0.1:9/",
      sealed_secret: Buffer.of(1),
    })
    .execute();
  const ids = Array.from({ length: events }, (_, n) => createEventId(days[n % 2] ?? 0));
  const own = { organization_id: organizationId };
  await operator.db
    .insertInto("events")
    .values(ids.map((id, n) => ({ ...own, id, position: n + 1, type: "a", payload: "{}" })))
    .execute();
  await operator.db
    .insertInto("deliveries")
    .values(
      ids.map((id) => ({
        ...own,
        event_id: id,
        endpoint_id: endpointId,
        id: deliveryIdOf(id, endpointId),
        status: "delivered" as const,
      })),
    )
    .execute();
  await operator.db
    .insertInto("attempts")
    .values(
      ids.map((id) => ({
        ...own,
        event_id: id,
        endpoint_id: endpointId,
        delivery_id: deliveryIdOf(id, endpointId),
        number: 1,
        trigger: "schedule" as const,
        started_at: new Date(),
        duration_ms: 1,
      })),
    )
    .execute();
  await operator.db
    .insertInto("replays")
    .values({ ...own, id: createId(), selection: JSON.stringify({}) as never, last_position: 0 })
    .execute();
  await operator.db
    .insertInto("event_intents")
    .values({ ...own, event_id: createId() })
    .execute();
  await insertDeadLetter(operator.db, {
    eventId: createId(),
    organizationId,
    job: Buffer.from("{}"),
    eventType: null,
    reason: "poison",
    errorCode: null,
  });
  expect(Object.keys(await rowsOf(organizationId))).toEqual([...tables, "organizations"]);
  return client;
}

const erase = (client: ApiClient) => operator.asOperator("DELETE", `/organizations/${client.organizationId}`);
const read = async (client: ApiClient) => (await client.request("GET", "/api/keys")).status;

describe("erasing an organization (contract, section 9)", () => {
  test("leaves no row of it in any table, and another one as it was", async () => {
    const [client, other] = [await fullOrganization(1_200), await fullOrganization()];
    const before = await rowsOf(other.organizationId);
    const answer = await erase(client);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await rowsOf(client.organizationId)).toEqual({});
    expect(await rowsOf(other.organizationId)).toEqual(before);
    const again = await erase(client);
    expect([again.status, again.body.code]).toEqual([404, "not_found"]);
  }, 30_000);

  test("ends its keys on every gateway within a second", async () => {
    const client = await operator.gateway.createClient();
    const other = await operator.gateway.startAnother();
    const everywhere = () =>
      Promise.all(
        [operator.gateway.url, other.url].map(
          async (url) =>
            (
              await callApi(
                url,
                "POST",
                "/api/events",
                { type: "a", payload: {} },
                { "x-api-key": client.apiKey },
              )
            ).status,
        ),
      );
    expect(await everywhere()).toEqual([202, 202]);
    expect((await erase(client)).status).toBe(204);
    const erasedAt = performance.now();
    await eventually(async () => expect(await everywhere()).toEqual([401, 401]), 3_000);
    expect(performance.now() - erasedAt).toBeLessThan(1_000);
    expect(await read(client)).toBe(401);
  });

  test("keeps who did what in the audit log, without the names in it", async () => {
    const client = await operator.gateway.createClient();
    await client.request("POST", "/api/keys", { name: "key of Ada" });
    await erase(client);
    const { body } = await operator.asOperator("GET", `/audit-log?organization_id=${client.organizationId}`);
    const log = body.audit_log as { actor: string; action: string; detail: unknown }[];
    expect(log.map(({ actor, action, detail }) => [action, detail, actor])).toEqual([
      ["organization.erased", null, "operator"],
      ["api_key.created", null, client.apiKey.split("_")[2]],
      ["organization.created", null, "signup"],
    ]);
  });

  test("that died in the middle goes on when it is asked for again, and is hidden from changes until then", async () => {
    const client = await fullOrganization(600);
    const { organizationId } = client;
    expect(await beginErasure(operator.db, organizationId, "operator")).toBe(true);
    let pages = 0;
    expect(await continueErasure(operator.db, organizationId, () => pages++ > 0)).toBe(false);
    expect((await rowsOf(organizationId)).events).toBe(100);
    const path = `/organizations/${organizationId}`;
    expect((await operator.asOperator("GET", path)).body).toMatchObject({
      suspended: true,
      erasing_since: expect.any(String),
    });
    for (const [method, suffix, body] of [
      ["PATCH", "", { suspended: false }],
      ["POST", "/keys", {}],
    ] as const)
      expect((await operator.asOperator(method, path + suffix, body)).status).toBe(404);
    expect((await erase(client)).status).toBe(204);
    expect(await rowsOf(organizationId)).toEqual({});
    const { body } = await operator.asOperator("GET", `/audit-log?organization_id=${organizationId}`);
    const erasures = (body.audit_log as { action: string }[]).filter(
      (e) => e.action === "organization.erased",
    );
    expect(erasures).toHaveLength(1);
  }, 30_000);
});

describe("with a worker", () => {
  test("events that still wait in the queue are erased with their organization, others are stored", async () => {
    const receiver = await startReceiver();
    const [client, other] = [await operator.gateway.createClient(), await operator.gateway.createClient()];
    await client.request("POST", "/api/webhook/config", { webhook_url: receiver.url });
    const ids: string[] = [];
    for (const sender of [client, other, client]) {
      const { body } = await sender.publish({ type: "a", payload: { secret: 1 } });
      ids.push(body.id as string);
    }
    expect((await erase(client)).status).toBe(204);
    const interrupted = await fullOrganization();
    await beginErasure(operator.db, interrupted.organizationId, "operator");

    await operator.gateway.startWorker();
    await eventually(async () => {
      expect((await other.request("GET", `/api/events/${ids[1]}`)).body.status).toBe("pending");
      expect(await queue.depth()).toBe(0);
    });
    expect(await rowsOf(client.organizationId)).toEqual({});
    expect(receiver.received).toEqual([]);
    // A worker that begins to lead looks for erasures that nobody has finished.
    await eventually(async () => expect(await rowsOf(interrupted.organizationId)).toEqual({}));
    await receiver.close();
  }, 60_000);

  test("an organization that is erased while it publishes leaves nothing behind", async () => {
    const client = await operator.gateway.createClient();
    const stopped = new AbortController();
    const publish = async () => {
      while (!stopped.signal.aborted) await client.publish({ type: "a", payload: {} });
    };
    const publishing = Promise.all([publish(), publish(), publish()]);
    await eventually(async () => expect((await rowsOf(client.organizationId)).events).toBeGreaterThan(20));
    const answer = await erase(client);
    stopped.abort();
    await publishing;
    expect(answer.status).toBe(204);
    await eventually(async () => expect(await queue.depth()).toBe(0));
    expect(await rowsOf(client.organizationId)).toEqual({});
  }, 60_000);
});
