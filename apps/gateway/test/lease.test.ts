import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createId } from "@triggers/domain";
import { eventually } from "@triggers/testing";
import { type Consumer, idsOf, type Lease, startTestInbox, type TestInbox } from "./start-inbox.ts";

let inbox: TestInbox;
let consumer: Consumer;
beforeAll(async () => {
  inbox = await startTestInbox();
});
beforeEach(async () => {
  consumer = await inbox.createConsumer();
});
afterAll(() => inbox.stop());

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const leaseId = expect.stringMatching(/^[0-9a-f-]{36}$/);
/** A lease of a second has run out. */
const untilAvailable = (id: string) =>
  eventually(async () => expect(await consumer.inboxStatusOf(id)).toBe("available"));

describe("a lease (contract, section 4)", () => {
  test("hands out the oldest events first, ten unless told otherwise, and shows them as leased", async () => {
    const ids = await consumer.store(12);
    const { status, body } = await consumer.post("lease", {});
    expect(status).toBe(200);
    expect(body).toEqual({ lease_id: leaseId, leased_until: time, events: expect.any(Array) });
    expect(idsOf(body as Lease)).toEqual(ids.slice(0, 10));
    expect(body.events[0]).toMatchObject({ lease_count: 1, inbox_status: "leased", payload: {} });
    expect(await consumer.inboxStatusOf(ids[0] ?? "")).toBe("leased");
    expect(idsOf(await consumer.lease({ limit: 100 }))).toEqual(ids.slice(10));
    const inSeconds = (Date.parse((body as Lease).leased_until) - Date.now()) / 1_000;
    expect(inSeconds).toBeGreaterThan(200);
    expect(inSeconds).toBeLessThan(301);
  });

  test("of nothing is null and empty, and needs no body", async () => {
    const { status, body } = await consumer.request("POST", "/api/inbox/lease");
    expect([status, body]).toEqual([200, { lease_id: null, leased_until: null, events: [] }]);
  });

  test("keeps the payload byte for byte", async () => {
    const payload = '{ "n":9007199254740993,"n":1.50E+2 }';
    await consumer.store(1, { payload });
    expect((await consumer.post("lease", {})).text).toContain(`"payload":${payload}}`);
  });

  test("holds nothing of another organization", async () => {
    const stranger = await inbox.createConsumer();
    await stranger.store(1);
    expect((await consumer.lease()).events).toEqual([]);
  });

  test("that runs out gives its events back, in every read, and the next one counts on", async () => {
    const [id = ""] = await consumer.store(1);
    await consumer.lease({ lease_seconds: 1 });
    expect(await consumer.stats()).toEqual({ available: 0, leased: 1, quarantined: 0 });
    await untilAvailable(id);
    expect(await consumer.stats()).toEqual({ available: 1, leased: 0, quarantined: 0 });
    const { body } = await consumer.request("GET", "/api/events");
    expect(body.events[0]).toMatchObject({ id, inbox_status: "available", status: "pending" });
    expect(await consumer.list("")).toEqual([id]);
    expect((await consumer.lease()).events).toMatchObject([{ id, lease_count: 2 }]);
  });

  test("takes only the types that it names", async () => {
    const [user, order, deep] = [
      ...(await consumer.store(1, { type: "user" })),
      ...(await consumer.store(1, { type: "order.paid" })),
      ...(await consumer.store(1, { type: "user.address.changed" })),
    ];
    const [operational] = await consumer.store(1, { type: "delivery.failed" });
    expect(idsOf(await consumer.lease({ event_types: ["user.*", "usher"] }))).toEqual([deep]);
    expect(idsOf(await consumer.lease({ event_types: ["order.paid"] }))).toEqual([order]);
    expect(idsOf(await consumer.lease({ event_types: ["*"] }))).toEqual([user]);
    expect(idsOf(await consumer.lease({ event_types: ["delivery.*"] }))).toEqual([operational]);
  });

  test("takes the oldest first, be its types rare or beyond counting", async () => {
    const [oldest = ""] = await consumer.store(1, { type: "user.z" });
    const many = await consumer.store(1_200, { type: "user.a" });
    const [rare = ""] = await consumer.store(1, { type: "invoice.paid" });
    expect(idsOf(await consumer.lease({ limit: 1, event_types: ["user.*"] }))).toEqual([oldest]);
    expect(idsOf(await consumer.lease({ limit: 2, event_types: ["invoice.*", "user.a"] }))).toEqual(
      many.slice(0, 2),
    );
    expect(idsOf(await consumer.lease({ event_types: ["invoice.paid", "no.such"] }))).toEqual([rare]);
    expect(idsOf(await consumer.lease({ event_types: ["invoice.paid", "no.such"] }))).toEqual([]);
  });

  test("leaves events to their webhooks until those fail, unless it includes them", async () => {
    const [pending = "", failed = ""] = await consumer.store(2, { pendingDeliveries: 1 });
    const [plain] = await consumer.store(1);
    const setFailed = { pending_deliveries: 0, failed_deliveries: 1 };
    await inbox.db.updateTable("events").set(setFailed).where("id", "=", failed).execute();
    expect(idsOf(await consumer.lease())).toEqual([failed, plain]);
    expect((await consumer.lease()).events).toEqual([]);
    expect(idsOf(await consumer.lease({ include_webhook_events: true }))).toEqual([pending]);
  });

  test.each<[object, string]>([
    [{ limit: 0 }, "/limit"],
    [{ limit: 101 }, "/limit"],
    [{ limit: "1" }, "/limit"],
    [{ lease_seconds: 0 }, "/lease_seconds"],
    [{ lease_seconds: 3_601 }, "/lease_seconds"],
    [{ wait_seconds: 21 }, "/wait_seconds"],
    [{ event_types: ["a*"] }, "/event_types/0"],
    [{ include_webhook_events: 1 }, "/include_webhook_events"],
    [{ lease_second: 1 }, "/lease_second"],
  ])("is refused with %j", async (body, pointer) => {
    const answer = await consumer.post("lease", body);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  });
});

describe("a consumer that waits", () => {
  test("gets the event that comes meanwhile", async () => {
    const waiting = consumer.lease({ wait_seconds: 20 });
    const [id] = await consumer.store(1);
    expect(idsOf(await waiting)).toEqual([id]);
  });

  test("gets what comes back from another's lease, as soon as it runs out", async () => {
    const [id] = await consumer.store(1);
    await consumer.lease({ lease_seconds: 1 });
    expect(idsOf(await consumer.lease({ wait_seconds: 20 }))).toEqual([id]);
  });

  test("gets an empty answer when its time is over", async () => {
    expect(await consumer.lease({ wait_seconds: 1 })).toEqual({
      ...{ lease_id: null, leased_until: null, events: [] },
    });
  });
});

describe("a lease id", () => {
  const verbs: [string, object][] = [
    ["release", {}],
    ["extend", { lease_seconds: 60 }],
    ["ack", {}],
  ];

  test.each(verbs)(
    "that was never given out is a 404 to %s, another organization's too",
    async (verb, more) => {
      const stranger = await inbox.createConsumer();
      await stranger.store(1);
      const { lease_id } = await stranger.lease();
      for (const unknown of [createId(), lease_id]) {
        const { status, body } = await consumer.post(verb, { lease_id: unknown, ...more });
        expect([status, body.code]).toEqual([404, "not_found"]);
      }
      expect(await stranger.stats()).toEqual({ available: 0, leased: 1, quarantined: 0 });
    },
  );

  test.each(verbs)("whose events another consumer has by now is a 409 to %s", async (verb, more) => {
    const [id = ""] = await consumer.store(1);
    const { lease_id } = await consumer.lease({ lease_seconds: 1 });
    await untilAvailable(id);
    await consumer.lease();
    const { status, body } = await consumer.post(verb, { lease_id, ...more });
    expect([status, body.code]).toEqual([409, "lease_expired"]);
    expect(await consumer.inboxStatusOf(id)).toBe("leased");
  });

  test.each(verbs.slice(0, 2))(
    "whose time is over is a 409 to %s, though nobody has its events yet",
    async (verb, more) => {
      const [id = ""] = await consumer.store(1);
      const { lease_id } = await consumer.lease({ lease_seconds: 1 });
      await untilAvailable(id);
      const { status, body } = await consumer.post(verb, { lease_id, ...more });
      expect([status, body.code]).toEqual([409, "lease_expired"]);
    },
  );
});
