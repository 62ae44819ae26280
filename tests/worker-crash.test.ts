import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { publishMany, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeEach(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
});

afterEach(() => system.stop());

const storedIds = async () =>
  (await system.db.selectFrom("events").select("id").execute()).map(({ id }) => id);
const receivedIds = () => receiver.received.map(({ headers }) => String(headers["webhook-id"]));

describe("kill -9 of the worker", () => {
  test("in the middle of a batch loses nothing: every event is persisted once and delivered once", async () => {
    const ids = await publishMany(client, 60);
    const doomed = await system.startCrashWorker("persist: in transaction");
    expect(await doomed.exited).toBe("SIGKILL");
    expect(await storedIds()).toEqual([]);

    await system.startWorker();
    await receiver.waitFor(ids.length);
    expect((await storedIds()).sort()).toEqual(ids.sort());
    expect(receivedIds().sort()).toEqual(ids);
    await eventually(async () => expect(await countDelivered()).toBe(ids.length));
  });

  test("between its commit and its enqueue loses nothing: the job runs again and enqueues what it finds", async () => {
    const ids = await publishMany(client, 60);
    const doomed = await system.startCrashWorker("persist: committed");
    expect(await doomed.exited).toBe("SIGKILL");
    const committed = await storedIds();
    expect(committed.length).toBeGreaterThan(0);
    expect(receiver.received).toEqual([]);

    await system.startWorker();
    await receiver.waitFor(ids.length);
    expect((await storedIds()).sort()).toEqual(ids.sort());
    expect(receivedIds().sort()).toEqual(ids);
    await eventually(async () => expect(await countDelivered()).toBe(ids.length));
  });

  test("before the POST costs only the time of its claim: the webhook comes once", async () => {
    const doomed = await system.startCrashWorker("deliver: claimed");
    const id = await publishOne(client);
    expect(await doomed.exited).toBe("SIGKILL");
    expect(receiver.received).toEqual([]);

    await system.startWorker();
    await receiver.waitFor(1);
    await eventually(async () =>
      expect(await deliveryOf(id)).toMatchObject({ status: "delivered", attempts: 1 }),
    );
    expect(receivedIds()).toEqual([id]);
  });

  test("between POST and record sends the same webhook again, with the same webhook-id and bytes", async () => {
    const doomed = await system.startCrashWorker("deliver: posted");
    const id = await publishOne(client);
    expect(await doomed.exited).toBe("SIGKILL");

    await system.startWorker();
    await receiver.waitFor(2);
    await eventually(async () =>
      expect(await deliveryOf(id)).toMatchObject({ status: "delivered", attempts: 1 }),
    );
    expect(receivedIds()).toEqual([id, id]);
    const [first, second] = receiver.received;
    expect(second?.body.equals(first?.body ?? Buffer.of())).toBe(true);
  });

  test("after the record of a failure leaves the next step to the sweeper: the retry chain goes on", async () => {
    let answers = 0;
    receiver.respondWith((_webhook, res) => void res.writeHead(answers++ === 0 ? 500 : 200).end());
    await system.db
      .updateTable("endpoints")
      .set({ retry_schedule: [0, 1, 3600] })
      .execute();
    const doomed = await system.startCrashWorker("deliver: recorded");
    const id = await publishOne(client);
    expect(await doomed.exited).toBe("SIGKILL");
    expect(await deliveryOf(id)).toMatchObject({
      status: "retrying",
      attempts: 1,
      schedule_step: 1,
      claim_id: null,
    });

    // Stands for the minute that the sweeper leaves to the job that should be there.
    await system.db.updateTable("deliveries").set({ sweep_at: new Date() }).execute();
    await system.startWorker();
    const [, second] = await receiver.waitFor(2);
    expect(second?.headers).toMatchObject({ "webhook-id": id, "x-delivery-attempt": "2" });
    await eventually(async () =>
      expect(await deliveryOf(id)).toMatchObject({ status: "delivered", attempts: 2 }),
    );
    const attempts = await system.db
      .selectFrom("attempts")
      .select(["number", "response_status"])
      .orderBy("number")
      .execute();
    expect(attempts).toEqual([
      { number: 1, response_status: 500 },
      { number: 2, response_status: 200 },
    ]);
  });

  test("again and again, while events stream in, loses nothing and stores nothing twice", async () => {
    const streaming = publishMany(client, 1_500);
    for (let kill = 0; kill < 3; kill += 1) {
      const before = (await storedIds()).length;
      const worker = await system.startWorker();
      await eventually(async () => expect((await storedIds()).length).toBeGreaterThan(before));
      worker.kill("SIGKILL");
      await worker.exited;
    }
    await system.startWorker();
    const ids = await streaming;
    await eventually(async () => expect((await storedIds()).length).toBe(ids.length), 30_000);
    expect((await storedIds()).sort()).toEqual(ids.sort());
    await eventually(() => expect(new Set(receivedIds()).size).toBe(ids.length), 30_000);
  }, 90_000);
});

test("an event is delivered that came in while no worker was running", async () => {
  const id = await publishOne(client, { type: "user.created", payload: { name: "Ada" } });
  expect((await client.request("GET", `/api/events/${id}`)).body).toMatchObject({ id, status: "accepted" });
  await system.startWorker();
  const [webhook] = await receiver.waitFor(1);
  expect(JSON.parse(String(webhook?.body))).toMatchObject({
    id,
    type: "user.created",
    data: { name: "Ada" },
  });
});

function deliveryOf(eventId: string) {
  return system.db.selectFrom("deliveries").selectAll().where("event_id", "=", eventId).executeTakeFirst();
}

async function countDelivered(): Promise<number> {
  const rows = await system.db
    .selectFrom("events")
    .select("id")
    .where("delivery_status", "=", "delivered")
    .where("attempts", "=", 1)
    .execute();
  return rows.length;
}
