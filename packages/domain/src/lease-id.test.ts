import { expect, test } from "@jest/globals";
import { createId, isUuid, timeOfId } from "./ids.ts";
import { createLeaseId, isLeaseIdOf } from "./lease-id.ts";

const organizationId = createId();

test("a lease id is a UUIDv7 of this moment, and no two are the same", () => {
  const before = Date.now();
  const ids = Array.from({ length: 1_000 }, () => createLeaseId(organizationId));
  expect(new Set(ids).size).toBe(1_000);
  expect(ids.every((id) => isUuid(id) && id[14] === "7")).toBe(true);
  expect(timeOfId(ids[0] ?? "")).toBeGreaterThanOrEqual(before);
});

test("it is known as the organization's own, and nobody else's", () => {
  const id = createLeaseId(organizationId);
  expect(isLeaseIdOf(id, organizationId)).toBe(true);
  expect(isLeaseIdOf(id, createId())).toBe(false);
});

test("an id that we never gave out is not known", () => {
  const ids = Array.from({ length: 1_000 }, createId);
  expect(ids.filter((id) => isLeaseIdOf(id, organizationId))).toEqual([]);
});
