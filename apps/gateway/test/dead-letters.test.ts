import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { insertDeadLetter } from "@triggers/db";
import { createEventId, createId } from "@triggers/domain";
import { createEventQueue, type EventQueue } from "@triggers/queues";
import { type ApiClient, eventually } from "@triggers/testing";
import { Redis } from "ioredis";
import { type OperatorGateway, startOperatorGateway } from "./start-operator.ts";

let operator: OperatorGateway;
let client: ApiClient;
let redis: Redis;
let queue: EventQueue;

beforeAll(async () => {
  operator = await startOperatorGateway();
  client = await operator.gateway.createClient();
  redis = new Redis(operator.gateway.settings.REDIS_URL ?? "");
  queue = createEventQueue(redis, operator.gateway.settings.REDIS_PREFIX ?? "");
});
afterAll(async () => {
  await queue.close();
  redis.disconnect();
  await operator.stop();
});

const jobOf = (more: object = {}) => ({
  v: 1,
  org: client.organizationId,
  type: "order.created",
  payload: '{ "a":1 }',
  ...more,
});
const bury = async (job: unknown, id = createEventId(Date.now())): Promise<string> => {
  await insertDeadLetter(operator.db, {
    eventId: id,
    organizationId: client.organizationId,
    job: Buffer.from(JSON.stringify(job)),
    eventType: null,
    reason: "was poison",
    errorCode: "22021",
  });
  return id;
};
const list = async (query = "") => {
  const { status, body } = await operator.asOperator("GET", `/dead-letters?${query}`);
  expect(status).toBe(200);
  return body.dead_letters as Record<string, unknown>[];
};
const retry = (id: string) => operator.asOperator("POST", `/dead-letters/${id}/retry`);
const retries = async (id: string) =>
  (
    await operator.db.selectFrom("audit_log").select(["actor", "action"]).where("target", "=", id).execute()
  ).map(({ actor, action }) => [actor, action]);

describe("dead letters (contract, section 9)", () => {
  test("are listed by organization and state, without the bytes of the event", async () => {
    const id = await bury(jobOf());
    const letters = await list(`organization_id=${client.organizationId}&limit=1`);
    expect(letters).toEqual([
      {
        event_id: id,
        organization_id: client.organizationId,
        reason: "was poison",
        error_code: "22021",
        job_bytes: JSON.stringify(jobOf()).length,
        created_at: expect.any(String),
        retried_at: null,
      },
    ]);
    expect(await list(`organization_id=${createId()}`)).toEqual([]);
    expect((await list("status=retried")).map(({ event_id }) => event_id)).not.toContain(id);
  });

  test("go back into the queue under the same id, once, and are then marked", async () => {
    const id = await bury(jobOf());
    const answer = await retry(id);
    expect([answer.status, answer.body]).toEqual([
      202,
      { event_id: id, status: "retried", retried_at: expect.any(String) },
    ]);
    expect(await queue.find(id)).toEqual(jobOf());
    const depth = await queue.depth();
    const again = await Promise.all([retry(id), retry(id)]);
    for (const { status, body } of again) {
      expect([status, body.retried_at]).toEqual([202, answer.body.retried_at]);
    }
    expect(await queue.depth()).toBe(depth);
    expect(await retries(id)).toEqual([["operator", "dead_letter.retried"]]);
    expect((await list()).map(({ event_id }) => event_id)).not.toContain(id);
    expect((await list("status=retried")).map(({ event_id }) => event_id)).toContain(id);
  });

  test("of an erased event cannot be retried: 409, for good, and nothing is enqueued", async () => {
    const id = await bury(jobOf());
    expect((await client.request("DELETE", `/api/events/${id}`)).status).toBe(204);
    const depth = await queue.depth();
    for (const { status, body } of [await retry(id), await retry(id)]) {
      expect([status, body.code, body.retryable]).toEqual([409, "event_erased", false]);
    }
    expect(await queue.depth()).toBe(depth);
    expect(await retries(id)).toEqual([]);
    expect((await retry(createEventId(Date.now()))).status).toBe(404);
  });

  test("stay open when the queue cannot be reached", async () => {
    const id = await bury(jobOf());
    const lonely = await operator.gateway.startAnother(
      { REDIS_URL: "redis://127.0.0.1:1" },
      "without waiting",
    );
    const answer = await fetch(`${lonely.url}/api/admin/dead-letters/${id}/retry`, {
      method: "POST",
      headers: { authorization: "Bearer the-token-of-the-operator" },
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      503,
      "queue_unavailable",
    ]);
    expect((await list()).map(({ event_id }) => event_id)).toContain(id);
    expect(await retries(id)).toEqual([]);
    await lonely.drain();
  });

  test("whose retry died before it was marked are stored once when they are retried again", async () => {
    const id = await bury(jobOf());
    await queue.enqueue(id, jobOf() as never);
    expect((await retry(id)).status).toBe(202);
    await operator.gateway.startWorker();
    await eventually(async () =>
      expect((await client.request("GET", `/api/events/${id}`)).body.status).toBe("pending"),
    );
    const { text } = await client.request("GET", `/api/events/${id}`);
    expect(text).toContain('"payload":{ "a":1 }');
    await eventually(async () => expect(await queue.depth()).toBe(0));
  }, 30_000);

  test("that fail once more are open again", async () => {
    const id = await bury(jobOf({ payload: '{"a":"\0"}' }));
    const [first] = await list(`organization_id=${client.organizationId}&limit=1`);
    expect((await retry(id)).status).toBe(202);
    await eventually(async () => {
      const letter = (await list()).find(({ event_id }) => event_id === id);
      expect(letter).toMatchObject({ retried_at: null, error_code: "22021" });
      expect(letter?.created_at).not.toBe(first?.created_at);
    });
  }, 30_000);
});
