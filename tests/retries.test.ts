import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createId, createSecretBox, createSigningSecret } from "@triggers/domain";
import { type ApiClient, eventually, type ReceivedWebhook, type Receiver } from "@triggers/testing";
import { Webhook } from "standardwebhooks";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeEach(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
  await system.startWorker();
});

afterEach(() => system.stop());

/** Answers with these statuses, one after another; the last one stays. */
function answerWith(on: Receiver, statuses: number[], headers: Record<string, string> = {}) {
  let next = 0;
  on.respondWith((_webhook, res) => {
    const status = statuses[Math.min(next++, statuses.length - 1)] ?? 200;
    res.writeHead(status, status === 200 ? {} : headers).end(`answer ${status}`);
  });
}

const useSchedule = (seconds: number[]) =>
  system.db.updateTable("endpoints").set({ retry_schedule: seconds }).execute();

const eventOf = async (id: string) => (await client.request("GET", `/api/events/${id}`)).body as unknown;
const attemptNumber = ({ headers }: ReceivedWebhook) => Number(headers["x-delivery-attempt"]);

test("a failed attempt is made again by the schedule until it succeeds; the event tells of each", async () => {
  await useSchedule([0, 1, 1, 3600]);
  answerWith(receiver, [500, 404, 200]);
  const id = await publishOne(client);
  const [first, second, third] = await receiver.waitFor(3);
  await eventually(async () =>
    expect(await eventOf(id)).toMatchObject({
      status: "delivered",
      delivery_status: "delivered",
      attempts: 3,
      response_status: 200,
      last_error: null,
      deliveries: [
        {
          status: "delivered",
          next_attempt_at: null,
          attempts: [
            {
              number: 1,
              trigger: "schedule",
              response_status: 500,
              error_code: "http_status",
              response_body: "answer 500",
            },
            { number: 2, response_status: 404, error_code: "http_status" },
            { number: 3, response_status: 200, error_code: null },
          ],
        },
      ],
    }),
  );
  expect(receiver.received.map(attemptNumber)).toEqual([1, 2, 3]);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([id]));
  expect(new Set(receiver.received.map(({ body }) => body.toString())).size).toBe(1);
  // A second less the jitter.
  expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(800);
  expect((third?.receivedAt ?? 0) - (second?.receivedAt ?? 0)).toBeGreaterThanOrEqual(800);
});

test("between two attempts the event is retrying and says when the next one comes", async () => {
  await useSchedule([0, 3600]);
  answerWith(receiver, [500]);
  const id = await publishOne(client);
  await eventually(async () =>
    expect(await eventOf(id)).toMatchObject({ status: "pending", delivery_status: "retrying", attempts: 1 }),
  );
  const delivery = await system.db.selectFrom("deliveries").selectAll().executeTakeFirstOrThrow();
  expect(delivery).toMatchObject({
    status: "retrying",
    schedule_step: 1,
    claim_id: null,
    claimed_until: null,
  });
  const waitSeconds = (delivery.next_attempt_at.getTime() - Date.now()) / 1_000;
  expect(waitSeconds).toBeGreaterThan(3600 * 0.8 - 60);
  expect(waitSeconds).toBeLessThan(3600 * 1.2);
});

test("a delivery is failed when its schedule ends, and not attempted again", async () => {
  await useSchedule([0, 0, 0]);
  answerWith(receiver, [503]);
  const id = await publishOne(client);
  await eventually(async () =>
    expect(await eventOf(id)).toMatchObject({
      status: "failed",
      delivery_status: "failed",
      attempts: 3,
      last_error: "http_status",
      deliveries: [{ status: "failed", next_attempt_at: null }],
    }),
  );
  await system.db.updateTable("deliveries").set({ sweep_at: new Date() }).execute();
  const next = await publishOne(client);
  await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === next);
  expect(receiver.received.filter(({ headers }) => headers["webhook-id"] === id)).toHaveLength(3);
});

test("an hour in Retry-After is waited for, also where the schedule would come sooner", async () => {
  await useSchedule([0, 1, 1]);
  answerWith(receiver, [429], { "retry-after": "3600" });
  await publishOne(client);
  await eventually(async () => {
    const { status, next_attempt_at } = await system.db
      .selectFrom("deliveries")
      .selectAll()
      .executeTakeFirstOrThrow();
    expect(status).toBe("retrying");
    expect(next_attempt_at.getTime() - Date.now()).toBeGreaterThan(3_500_000);
  });
});

test("two seconds in Retry-After put the next attempt off by two seconds", async () => {
  await useSchedule([0, 0]);
  answerWith(receiver, [503, 200], { "retry-after": "2" });
  const id = await publishOne(client);
  const [first, second] = await receiver.waitFor(2);
  expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(1_950);
  await eventually(async () => expect(await eventOf(id)).toMatchObject({ status: "delivered", attempts: 2 }));
});

test("one endpoint's failures never re-send to another; the event's state is the worst of both", async () => {
  const other = await system.startReceiver();
  const secret = createSigningSecret();
  const endpointId = createId();
  await system.db
    .insertInto("endpoints")
    .values({
      id: endpointId,
      organization_id: client.organizationId,
      url: other.url,
      sealed_secret: createSecretBox([Buffer.alloc(32, 7)]).seal(secret, endpointId),
    })
    .execute();
  await useSchedule([0, 0, 0, 3600]);
  answerWith(other, [500]);
  const id = await publishOne(client);

  await other.waitFor(3);
  await eventually(async () =>
    expect(await eventOf(id)).toMatchObject({ delivery_status: "retrying", attempts: 4 }),
  );
  expect(receiver.received).toHaveLength(1);
  const [webhook] = other.received;
  const headers = { ...webhook?.headers } as Record<string, string>;
  expect(new Webhook(secret).verify(String(webhook?.body), headers)).toMatchObject({ id });

  const counters = await system.db
    .selectFrom("events")
    .select(["pending_deliveries", "retrying_deliveries", "delivered_deliveries"])
    .executeTakeFirstOrThrow();
  expect(counters).toEqual({ pending_deliveries: 0, retrying_deliveries: 1, delivered_deliveries: 1 });
});

test("a receiver that was away gets its webhook when it is back", async () => {
  await useSchedule([0, 1, 1, 1, 1, 1, 1, 1]);
  const { port } = new URL(receiver.url);
  await receiver.close();
  const id = await publishOne(client);
  await eventually(async () => expect(await eventOf(id)).toMatchObject({ last_error: "connection_refused" }));
  const back = await system.startReceiver();
  await system.db.updateTable("endpoints").set({ url: back.url }).execute();
  await back.waitFor(1);
  expect(back.url).not.toContain(`:${port}`);
  await eventually(async () => expect(await eventOf(id)).toMatchObject({ status: "delivered" }));
});
