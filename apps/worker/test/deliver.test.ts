import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { cancelDeliveriesOf, claimDeliveries } from "@triggers/db";
import {
  createEventId,
  createId,
  createSecretBox,
  deliveryIdOf,
  deliveryJobId,
  queueNames,
} from "@triggers/domain";
import { type Consumer, createConsumer } from "@triggers/queues";
import { eventually } from "@triggers/testing";
import { createDeliveryProcessor, type DeliverDeps, type DeliveryProcessor } from "../src/deliver/deliver.ts";
import type { AttemptResult, WebhookRequest } from "../src/deliver/send-webhook.ts";
import { nowhere } from "../src/fault-points.ts";
import { createEventProcessor } from "../src/persist/persist-events.ts";
import { createWindowCommands, type Place } from "../src/window/window-commands.ts";
import {
  createWorkerParts,
  insertEndpoint,
  insertOrganization,
  secretBox,
  type WorkerParts,
} from "./worker-parts.ts";

let parts: WorkerParts;
let organizationId: string;
let endpointId: string;
let running: { consumers: Consumer[]; processor: DeliveryProcessor; drained: AbortController }[] = [];

beforeAll(async () => {
  parts = await createWorkerParts();
});

beforeEach(async () => {
  organizationId = await insertOrganization(parts.db);
  endpointId = await insertEndpoint(parts.db, organizationId);
});

afterEach(async () => {
  for (const { consumers, processor, drained } of running) {
    // Cuts the attempts that a failed test left open.
    drained.abort();
    await Promise.all(consumers.map((consumer) => consumer.close()));
    processor.stop();
  }
  running = [];
});

afterAll(() => parts.stop());

const answer = (status: number): AttemptResult => ({
  status,
  errorCode: status === 200 ? null : "http_status",
  errorDetail: null,
  durationMs: 1,
  responseHeaders: {},
  responseBody: Buffer.of(),
  retryAfter: null,
});

/** A sender whose answers come when the test says so; a request that is cut is interrupted, as the real one's. */
function createHeldSender() {
  const requests: (WebhookRequest & { respond: (result: AttemptResult) => void })[] = [];
  const send = (request: WebhookRequest) =>
    new Promise<AttemptResult>((respond) => {
      requests.push({ ...request, respond });
      const cut = () => respond({ ...answer(0), status: null, errorCode: "interrupted" });
      if (request.signal?.aborted) cut();
      else request.signal?.addEventListener("abort", cut, { once: true });
    });
  return { requests, send };
}

function startDelivering(more: Partial<DeliverDeps> & Pick<DeliverDeps, "send">) {
  const drained = new AbortController();
  const processor = createDeliveryProcessor({
    ...parts,
    secretBox,
    at: nowhere,
    claimMs: 300,
    retryHorizonMs: 300_000,
    disableAfterSeconds: 432_000,
    drained: drained.signal,
    ...more,
  });
  const consumers = [queueNames.deliveries, queueNames.retries].map((queueName) =>
    createConsumer({
      queueName,
      connection: parts.redis,
      prefix: parts.prefix,
      concurrency: 10,
      process: processor.process,
      keepsFailed: false,
      onError: (error) => parts.logger.warn("a consumer failed", { error }),
    }),
  );
  running.push({ consumers, processor, drained });
}

async function persistEvent(): Promise<string> {
  const id = createEventId(Date.now());
  const never = new AbortController().signal;
  const persist = createEventProcessor({ ...parts, at: nowhere, isDeliveryDisabled: false, drained: never });
  const data = { v: 1, org: organizationId, type: "order.created", payload: "{}" };
  await persist({
    id,
    data,
    failures: 0,
    ...{ stalls: 0, timesAlone: 0, noteAlone: () => Promise.resolve() },
    postpone: () => Promise.reject(new Error("postponed")),
  });
  return id;
}

const deliveryOf = (eventId: string) =>
  parts.db.selectFrom("deliveries").selectAll().where("event_id", "=", eventId).executeTakeFirstOrThrow();
const attemptsOf = async (eventId: string) =>
  (await parts.db.selectFrom("attempts").select("number").where("event_id", "=", eventId).execute()).length;
const jobsOf = (eventId: string) =>
  parts.redis.keys(`{${parts.prefix}}:*:${deliveryIdOf(eventId, endpointId)}-s*`);

test("a claim that another took ends the attempt, which then records nothing", async () => {
  const { requests, send } = createHeldSender();
  startDelivering({ send });
  const id = await persistEvent();
  await eventually(() => expect(requests).toHaveLength(1));
  const other = createId();
  await parts.db.updateTable("deliveries").set({ claim_id: other }).where("event_id", "=", id).execute();
  await eventually(() => expect(requests[0]?.signal?.aborted).toBe(true));
  await eventually(async () => expect(await jobsOf(id)).toEqual([]));
  expect(await deliveryOf(id)).toMatchObject({ status: "pending", attempts: 0, claim_id: other });
  expect(await attemptsOf(id)).toBe(0);
});

test("a cancelled delivery's attempt in flight is cut and changes nothing", async () => {
  const { requests, send } = createHeldSender();
  startDelivering({ send });
  const id = await persistEvent();
  await eventually(() => expect(requests).toHaveLength(1));
  await cancelDeliveriesOf(parts.db, endpointId, [id]);
  await eventually(() => expect(requests[0]?.signal?.aborted).toBe(true));
  await eventually(async () => expect(await jobsOf(id)).toEqual([]));
  expect(await deliveryOf(id)).toMatchObject({ status: "cancelled", attempts: 0 });
});

test("a refill gives no place to a job that has just been answered: nobody would free it", async () => {
  const commands = createWindowCommands(parts.redis, parts.prefix);
  const window = { organizationId, endpointId, parkedAs: "first" } as const;
  const late: Place[] = [];
  const id = await persistEvent();
  const jobId = deliveryJobId(deliveryIdOf(id, endpointId), 0);
  startDelivering({
    send: () => Promise.resolve(answer(200)),
    async at(point) {
      if (point !== "deliver: recorded") return;
      await parts.window.settle();
      const refill = { limit: 100, jobIds: [jobId], ttlMs: 180_000, costMs: 0, maxDebtMs: 0 };
      late.push(...(await commands.reserve(window, refill)).places);
    },
  });
  await eventually(async () => expect(await jobsOf(id)).toEqual([]));
  expect(late).toEqual(["taken"]);
  expect(await parts.redis.zcard(`{${parts.prefix}}:window:${endpointId}:first`)).toBe(0);
});

test("a claim is renewed for as long as its attempt takes", async () => {
  const { requests, send } = createHeldSender();
  startDelivering({ send });
  const id = await persistEvent();
  await eventually(() => expect(requests).toHaveLength(1));
  const startedAt = performance.now();
  const intruder = { eventId: id, endpointId, scheduleStep: 0, isManual: false };
  while (performance.now() - startedAt < 1_000) {
    expect(await claimDeliveries(parts.db, [{ ...intruder, claimId: createId() }], 300)).toEqual([]);
  }
  requests[0]?.respond(answer(200));
  await eventually(async () =>
    expect(await deliveryOf(id)).toMatchObject({ status: "delivered", attempts: 1 }),
  );
});

test("an attempt that cannot even be made leaves no job behind that would block the sweeper's next one", async () => {
  const { requests, send } = createHeldSender();
  const otherKey = createSecretBox([Buffer.alloc(32, 9)]);
  startDelivering({ send, secretBox: otherKey });
  const id = await persistEvent();
  await eventually(() => expect(parts.log.map(({ message }) => message)).toContain("a consumer failed"));
  await eventually(async () => expect(await jobsOf(id)).toEqual([]));
  expect(requests).toEqual([]);
  expect(await deliveryOf(id)).toMatchObject({ status: "pending", attempts: 0 });
});

test("a malformed delivery job is dropped with a word in the log: the sweeper makes a good one from the row", async () => {
  const { send } = createHeldSender();
  startDelivering({ send });
  await parts.deliveryQueues.enqueue([
    { deliveryId: createId(), eventId: "not-a-uuid", endpointId, scheduleStep: 0, delayMs: 0 },
  ]);
  await eventually(() =>
    expect(parts.log.map(({ message }) => message)).toContain("a delivery job is malformed"),
  );
});

test("a job for a step that is over posts nothing", async () => {
  const { requests, send } = createHeldSender();
  const id = await persistEvent();
  await parts.db
    .updateTable("deliveries")
    .set({ schedule_step: 1, status: "retrying" })
    .where("event_id", "=", id)
    .execute();
  startDelivering({ send });
  await eventually(async () => expect(await jobsOf(id)).toEqual([]));
  expect(requests).toEqual([]);
});

test("an attempt that fails at a long step leaves the next one to the sweeper, a minute ahead of its time", async () => {
  const { requests, send } = createHeldSender();
  await parts.db
    .updateTable("endpoints")
    .set({ retry_schedule: [0, 3600] })
    .where("id", "=", endpointId)
    .execute();
  startDelivering({ send });
  const id = await persistEvent();
  await eventually(() => expect(requests).toHaveLength(1));
  requests[0]?.respond(answer(500));
  await eventually(async () =>
    expect(await deliveryOf(id)).toMatchObject({ status: "retrying", schedule_step: 1 }),
  );
  await eventually(async () => expect(await jobsOf(id)).toEqual([]));
  const { next_attempt_at, sweep_at } = await deliveryOf(id);
  expect(next_attempt_at.getTime() - Number(sweep_at)).toBe(60_000);
});
