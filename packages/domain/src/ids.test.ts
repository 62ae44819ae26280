import { describe, expect, it } from "@jest/globals";
import {
  createEventId,
  createId,
  deliveryIdOf,
  fingerprintOf,
  idsOfSameTime,
  isUuid,
  lowestIdAt,
  timeOfId,
} from "./ids.ts";

const now = Date.UTC(2026, 10, 21, 9, 30, 0, 123);

describe("createEventId", () => {
  it("is a UUIDv7 that carries its millisecond", () => {
    const id = createEventId(now);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOfId(id)).toBe(now);
    expect(timeOfId(createEventId(now + 0.9))).toBe(now);
  });

  it.each([0, 1, 0x80000000, 0xffffffff])("keeps the fingerprint %d in its low 32 bits", (fingerprint) => {
    const id = createEventId(now, fingerprint);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    expect(fingerprintOf(id)).toBe(fingerprint);
    expect(timeOfId(id)).toBe(now);
  });

  it("never repeats itself within a millisecond", () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => createEventId(now)));
    expect(ids.size).toBe(20_000);
    const marked = new Set(Array.from({ length: 20_000 }, () => createEventId(now, 7)));
    expect(marked.size).toBe(20_000);
  });

  it("sorts as text by time", () => {
    expect(createEventId(now) < createEventId(now + 1)).toBe(true);
  });

  it.each([-1, 2 ** 48, Number.NaN])("refuses the time %d, which does not fit into 48 bits", (ms) => {
    expect(() => createEventId(ms)).toThrow(expect.objectContaining({ name: "RangeError" }));
  });

  it("refuses a fingerprint of more than 32 bits", () => {
    expect(() => createEventId(now, 2 ** 32)).toThrow(expect.objectContaining({ name: "RangeError" }));
  });
});

it("createId is a UUIDv7 of this moment", () => {
  const before = Date.now();
  const id = createId();
  expect(isUuid(id)).toBe(true);
  expect(timeOfId(id)).toBeGreaterThanOrEqual(before);
  expect(timeOfId(id)).toBeLessThanOrEqual(Date.now());
});

it("lowestIdAt is below every id of its millisecond and above every id of the one before", () => {
  expect(lowestIdAt(now)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-0000-0000-000000000000$/);
  expect(timeOfId(lowestIdAt(now))).toBe(now);
  expect(lowestIdAt(now) < createEventId(now, 0)).toBe(true);
  expect(lowestIdAt(now) > createEventId(now - 1, 0xffffffff)).toBe(true);
});

it.each([
  ["0193a0c4-9d2b-7e11-8a2b-0123456789ab", true],
  ["0193A0C4-9D2B-7E11-8A2B-0123456789AB", true],
  ["00000000-0000-0000-0000-000000000000", true],
  ["0193a0c49d2b7e118a2b0123456789ab", false],
  ["0193a0c4-9d2b-7e11-8a2b-0123456789ab\n", false],
  ["{0193a0c4-9d2b-7e11-8a2b-0123456789ab}", false],
  ["0193a0c4-9d2b-7e11-8a2b-0123456789ag", false],
  ["", false],
])("isUuid(%j) is %j", (text, expected) => {
  expect(isUuid(text)).toBe(expected);
});

describe("deliveryIdOf", () => {
  const event = "0193a0c4-9d2b-7e11-8a2b-0123456789ab";
  const endpoint = "0193a0c4-0000-7aaa-9bbb-cccccccccccc";

  it("names the same delivery on every run, in either case of the ids", () => {
    const id = deliveryIdOf(event, endpoint);
    // A literal: deliveries that are stored already must keep their ids when the code changes.
    expect(id).toBe("0193a0c4-9d2b-787f-aadc-afed4dba6fe1");
    expect(deliveryIdOf(event.toUpperCase(), endpoint.toUpperCase())).toBe(id);
  });

  it("is a UUIDv7 with the event's time", () => {
    expect(deliveryIdOf(event, endpoint)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
    expect(timeOfId(deliveryIdOf(event, endpoint))).toBe(timeOfId(event));
  });

  it("differs for another endpoint and for another event of the same millisecond", () => {
    const others = [
      deliveryIdOf(event, createId()),
      deliveryIdOf(createEventId(timeOfId(event)), endpoint),
      deliveryIdOf(endpoint, event),
    ];
    expect(new Set([deliveryIdOf(event, endpoint), ...others]).size).toBe(4);
  });
});

it("the ids of the same time span all that share an id's time bits, at both ends of time", () => {
  for (const id of [
    createEventId(Date.now()),
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
  ]) {
    const [first, last] = idsOfSameTime(id);
    expect([isUuid(first), isUuid(last)]).toEqual([true, true]);
    expect(first <= id && id <= last).toBe(true);
    expect([timeOfId(first), timeOfId(last)]).toEqual([timeOfId(id), timeOfId(id)]);
  }
});
