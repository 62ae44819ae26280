import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createId } from "@triggers/domain";
import { eventually } from "@triggers/testing";
import { type Consumer, idsOf, startTestInbox, type TestInbox } from "./start-inbox.ts";

let inbox: TestInbox;
let consumer: Consumer;
beforeAll(async () => {
  inbox = await startTestInbox({ MAX_LEASES: "2" });
});
beforeEach(async () => {
  consumer = await inbox.createConsumer();
});
afterAll(() => inbox.stop());

const untilStatus = (id: string, status: string) =>
  eventually(async () => expect(await consumer.inboxStatusOf(id)).toBe(status));
const shortOf = (results: unknown) =>
  (results as { event_id: string; status: string; code?: string }[]).map((result) => [
    result.event_id,
    result.code ?? result.status,
  ]);
/** Leased and given back as often as it takes. */
async function quarantine(count = 1): Promise<string[]> {
  const ids = await consumer.store(count);
  for (let n = 0; n < 2; n++) {
    const { lease_id } = await consumer.lease({ limit: 100 });
    await consumer.post("release", { lease_id });
  }
  return ids;
}

describe("acknowledging by lease", () => {
  test("ends the lease of every event it holds", async () => {
    const ids = await consumer.store(3);
    const { lease_id } = await consumer.lease();
    const { status, body } = await consumer.post("ack", { lease_id });
    expect([status, body.acknowledged, body.failed]).toEqual([200, 3, 0]);
    expect(shortOf(body.results)).toEqual([...ids].sort().map((id) => [id, "acknowledged"]));
    expect(await consumer.list("status=acknowledged")).toEqual(ids);
    expect(await consumer.stats()).toEqual({ available: 0, leased: 0, quarantined: 0 });
    expect((await consumer.post("ack", { lease_id })).body.code).toBe("lease_expired");
  });

  test("may name some of its events, and again with the same answer", async () => {
    const ids = await consumer.store(3);
    const { lease_id } = await consumer.lease();
    const request = { lease_id, event_ids: [ids[2], ids[0]] };
    const first = await consumer.post("ack", request);
    expect(shortOf(first.body.results)).toEqual([
      [ids[2], "acknowledged"],
      [ids[0], "acknowledged"],
    ]);
    expect((await consumer.post("ack", request)).body).toEqual(first.body);
    expect(await consumer.inboxStatusOf(ids[1] ?? "")).toBe("leased");
  });

  test("counts after the lease's time too, for what nobody else has leased since", async () => {
    const ids = await consumer.store(3);
    const { lease_id } = await consumer.lease({ lease_seconds: 1 });
    await untilStatus(ids[0] ?? "", "available");
    const [taken] = idsOf(await consumer.lease({ limit: 1 }));
    const { status, body } = await consumer.post("ack", { lease_id, event_ids: [...ids, createId()] });
    expect(status).toBe(200);
    const codes = (body.results as { event_id: string; status: string; code?: string }[]).map(
      ({ event_id, status, code }) => (event_id === taken ? `taken ${code}` : (code ?? status)),
    );
    expect(codes.sort()).toEqual(["acknowledged", "acknowledged", "not_found", "taken lease_expired"]);
    expect(await consumer.inboxStatusOf(taken ?? "")).toBe("leased");
  });

  test("or by id takes an event away from the lease that holds it", async () => {
    const ids = await consumer.store(2);
    const { lease_id } = await consumer.lease();
    await consumer.post("ack", { event_ids: [ids[0]] });
    const { body } = await consumer.post("extend", { lease_id, lease_seconds: 60 });
    expect(body.count).toBe(1);
  });

  test.each([[{}], [{ lease_id: "x" }], [{ lease_id: createId(), event_ids: [] }]])(
    "is refused with %j",
    async (body) => {
      expect((await consumer.post("ack", body)).status).toBe(400);
    },
  );
});

describe("a release", () => {
  test("gives events back at once; what was not named stays leased", async () => {
    const ids = await consumer.store(3);
    const { lease_id } = await consumer.lease();
    const unknown = createId();
    const { status, body } = await consumer.post("release", { lease_id, event_ids: [ids[1], unknown] });
    expect([status, body.released, body.failed]).toEqual([200, 1, 1]);
    expect(shortOf(body.results)).toEqual([
      [ids[1], "released"],
      [unknown, "not_found"],
    ]);
    expect((await consumer.lease()).events).toMatchObject([{ id: ids[1], lease_count: 2 }]);
    expect((await consumer.post("release", { lease_id, event_ids: [ids[1]] })).body.results).toMatchObject([
      { code: "lease_expired" },
    ]);
    expect((await consumer.post("release", { lease_id })).body.released).toBe(2);
    expect((await consumer.post("release", { lease_id })).status).toBe(409);
  });

  test("with a delay keeps everybody from them until it is over", async () => {
    const [id = ""] = await consumer.store(1);
    const { lease_id } = await consumer.lease();
    const { status } = await consumer.post("release", { lease_id, delay_seconds: 1 });
    expect(status).toBe(200);
    expect((await consumer.post("extend", { lease_id, lease_seconds: 60 })).status).toBe(409);
    const startedAt = performance.now();
    expect((await consumer.lease({ wait_seconds: 20 })).events).toMatchObject([{ id, lease_count: 2 }]);
    expect(performance.now() - startedAt).toBeGreaterThan(500);
  });
});

describe("an extension", () => {
  test("keeps the events beyond the lease's first time", async () => {
    const ids = await consumer.store(2);
    const { lease_id, leased_until } = await consumer.lease({ lease_seconds: 1 });
    const { status, body } = await consumer.post("extend", { lease_id, lease_seconds: 600 });
    expect([status, body]).toEqual([200, { lease_id, leased_until: expect.any(String), count: 2 }]);
    expect(Date.parse(body.leased_until as string) - Date.parse(leased_until)).toBeGreaterThan(500_000);
    // The first time is over when a lease of a second that began later is.
    const [later = ""] = await consumer.store(1);
    await consumer.lease({ lease_seconds: 1 });
    await untilStatus(later, "available");
    expect(idsOf(await consumer.lease())).toEqual([later]);
    expect(await consumer.inboxStatusOf(ids[0] ?? "")).toBe("leased");
  });

  test("may also shorten it", async () => {
    const [id = ""] = await consumer.store(1);
    const { lease_id } = await consumer.lease({ lease_seconds: 3_600 });
    await consumer.post("extend", { lease_id, lease_seconds: 1 });
    await untilStatus(id, "available");
  });
});

describe("an event that was leased MAX_LEASES times without an ack", () => {
  test("is quarantined the moment its last lease runs out, in every read", async () => {
    const [id = ""] = await consumer.store(1);
    const { lease_id } = await consumer.lease();
    await consumer.post("release", { lease_id });
    await consumer.lease({ lease_seconds: 1 });
    expect(await consumer.list("")).toEqual([id]);
    expect(await consumer.stats()).toEqual({ available: 0, leased: 1, quarantined: 0 });
    await untilStatus(id, "quarantined");
    expect(await consumer.stats()).toEqual({ available: 0, leased: 0, quarantined: 1 });
    expect(await consumer.list("")).toEqual([]);
    expect(await consumer.list("status=quarantined")).toEqual([id]);
    for (const [status, count] of [
      ["quarantined", 1],
      ["pending", 0],
    ] as const) {
      const { body } = await consumer.request("GET", `/api/events?status=${status}`);
      expect(body.events).toHaveLength(count);
    }
    expect((await consumer.request("GET", `/api/events/${id}`)).body.status).toBe("quarantined");
    expect((await consumer.lease({ include_webhook_events: true })).events).toEqual([]);
  });

  test("is quarantined at once when its last lease is released, whatever the delay", async () => {
    const [id = ""] = await consumer.store(1);
    await consumer.post("release", { lease_id: (await consumer.lease()).lease_id });
    await consumer.post("release", { lease_id: (await consumer.lease()).lease_id, delay_seconds: 60 });
    expect(await consumer.inboxStatusOf(id)).toBe("quarantined");
  });

  test("keeps its last lease while it is extended, and can be acknowledged by it", async () => {
    const [id = ""] = await consumer.store(1);
    await consumer.post("release", { lease_id: (await consumer.lease()).lease_id });
    const { lease_id } = await consumer.lease({ lease_seconds: 600 });
    await consumer.post("extend", { lease_id, lease_seconds: 1 });
    await untilStatus(id, "quarantined");
    expect((await consumer.post("ack", { lease_id })).body.acknowledged).toBe(1);
  });

  test("comes back by a redrive as if it had never been leased; nothing else does", async () => {
    const [id, other] = await quarantine(2);
    const [available] = await consumer.store(1);
    const unknown = createId();
    const { status, body } = await consumer.post("redrive", { event_ids: [id, available, unknown] });
    expect([status, body.redriven, body.failed]).toEqual([200, 1, 2]);
    expect(shortOf(body.results)).toEqual([
      [id, "redriven"],
      [available, "not_quarantined"],
      [unknown, "not_found"],
    ]);
    expect(await consumer.list("status=quarantined")).toEqual([other]);
    expect((await consumer.lease({ limit: 1 })).events).toMatchObject([{ id, lease_count: 1 }]);
  });

  test("cannot be redriven by another organization", async () => {
    const [id = ""] = await quarantine();
    const stranger = await inbox.createConsumer();
    const { body } = await stranger.post("redrive", { event_ids: [id] });
    expect(body.results).toMatchObject([{ code: "not_found" }]);
    expect(await consumer.inboxStatusOf(id)).toBe("quarantined");
  });
});

describe("an erasure", () => {
  test("takes an event from its lease", async () => {
    const [id, kept] = await consumer.store(2);
    const { lease_id } = await consumer.lease();
    expect((await consumer.request("DELETE", `/api/events/${id}`)).status).toBe(204);
    const { body } = await consumer.post("release", { lease_id });
    expect(shortOf(body.results)).toEqual([[kept, "released"]]);
    expect(await consumer.inboxStatusOf(id ?? "")).toBe("acknowledged");
    expect(idsOf(await consumer.lease())).toEqual([kept]);
  });
});

describe("the consuming routes", () => {
  test.each(["lease", "release", "extend", "redrive", "ack"])(
    "%s needs the scope `consume`",
    async (verb) => {
      const { body } = await consumer.request("POST", "/api/keys", { scopes: ["read", "publish"] });
      const headers = { "x-api-key": body.api_key as string };
      const answer = await consumer.request("POST", `/api/inbox/${verb}`, {}, headers);
      expect([answer.status, answer.body.code]).toEqual([403, "missing_scope"]);
    },
  );

  test("stats needs only `read`, and tells the age of what is first in line", async () => {
    const { body } = await consumer.request("POST", "/api/keys", { scopes: ["read"] });
    const read = () =>
      consumer.request("GET", "/api/inbox/stats", undefined, { "x-api-key": body.api_key as string });
    expect((await read()).body).toEqual({
      ...{ available: 0, leased: 0, quarantined: 0, oldest_age_seconds: null, estimated: false },
    });
    await consumer.store(3);
    await consumer.store(2, { pendingDeliveries: 1 });
    await eventually(async () => expect((await read()).body.oldest_age_seconds).toBeGreaterThan(0.1));
    expect((await read()).body).toMatchObject({ available: 3, leased: 0 });
  });
});
