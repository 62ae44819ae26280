import { expect, test } from "@jest/globals";
import { createEventId, fingerprintOf } from "./ids.ts";
import { fingerprintOfRequest, requestDigestOf } from "./request-digest.ts";

const fingerprint = (organization: string, key: string, body: string, index?: number) =>
  fingerprintOfRequest(requestDigestOf(organization, key, Buffer.from(body)), index);

test("the same request has the same fingerprint, and it survives in an event id", () => {
  const first = fingerprint("org", "key", "{}");
  expect(fingerprint("org", "key", "{}")).toBe(first);
  expect(fingerprintOf(createEventId(1_700_000_000_000, first))).toBe(first);
});

test("another organization, key, body, item, or the same text cut elsewhere has another one", () => {
  const all = [
    fingerprint("org", "key", "{}"),
    fingerprint("org2", "key", "{}"),
    fingerprint("org", "key2", "{}"),
    fingerprint("org", "key", "{} "),
    fingerprint("or", "gkey", "{}"),
    fingerprint("org", "ke", "y{}"),
    fingerprint("org", "key", "{}", 0),
    fingerprint("org", "key", "{}", 1),
  ];
  expect(new Set(all).size).toBe(all.length);
});
