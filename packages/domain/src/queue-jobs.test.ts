import { describe, expect, it } from "@jest/globals";
import { createId } from "./ids.ts";
import { decodeDeliveryJob, decodeEventJob, deliveryJobId, queueNames } from "./queue-jobs.ts";

const bare = { v: 1, org: createId(), type: "user.created", payload: '{"a":1}' };
const full = { ...bare, dedup: "d", sub: "s", meta: { k: "v" }, ce: "{}", at: 1795253400123, req: "r" };

describe("decodeEventJob", () => {
  it.each([bare, full, { ...bare, later: "a member that this worker may ignore" }])(
    "takes %j as it is",
    (data) => {
      expect(decodeEventJob(data)).toEqual({ ok: true, job: data });
      expect(decodeEventJob(JSON.parse(JSON.stringify(data)))).toEqual({ ok: true, job: data });
    },
  );

  it("leaves a newer version alone, whatever it looks like", () => {
    expect(decodeEventJob({ v: 2 })).toEqual({ ok: false, reason: "newer_version" });
    expect(decodeEventJob({ ...bare, v: 99, org: 1 })).toEqual({ ok: false, reason: "newer_version" });
  });

  const broken: unknown[] = [
    ...[undefined, null, "x", 1, [], {}, [bare]],
    ...[0, -1, 1.5, "1", "2", null, Number.NaN].map((v) => ({ ...bare, v })),
    ...["org", "type", "payload"].flatMap((name) => [
      { ...bare, [name]: undefined },
      { ...bare, [name]: 1 },
    ]),
    ...["dedup", "sub", "ce", "req"].map((name) => ({ ...full, [name]: null })),
    ...[null, [], "x", { k: 1 }].map((meta) => ({ ...full, meta })),
    ...["1", null, Number.NaN, Number.POSITIVE_INFINITY].map((at) => ({ ...full, at })),
  ];
  it.each(broken.map((data) => [data]))("calls %j malformed", (data) => {
    expect(decodeEventJob(data)).toEqual({ ok: false, reason: "malformed" });
  });
});

describe("decodeDeliveryJob", () => {
  const job = { v: 1, e: createId(), p: createId(), s: 0 };

  it("takes a job of its version, leaves a newer one alone", () => {
    expect(decodeDeliveryJob(job)).toEqual({ ok: true, job });
    expect(decodeDeliveryJob({ ...job, v: 2 })).toEqual({ ok: false, reason: "newer_version" });
  });

  it.each([{ e: "x" }, { e: undefined }, { p: 1 }, { p: "" }, { s: -1 }, { s: 0.5 }, { s: "0" }, { v: 0 }])(
    "calls a job with %j malformed",
    (change) => expect(decodeDeliveryJob({ ...job, ...change })).toEqual({ ok: false, reason: "malformed" }),
  );
});

it("a delivery's step has one job id, which BullMQ accepts", () => {
  const deliveryId = createId();
  expect(deliveryJobId(deliveryId, 3)).toBe(`${deliveryId}-s3`);
  expect(deliveryJobId(deliveryId, 3)).not.toContain(":");
});

it("the queues keep the names under which Redis holds their jobs", () => {
  expect(queueNames).toEqual({
    events: "events",
    deliveries: "deliveries",
    retries: "retries",
    replays: "replays",
  });
});
