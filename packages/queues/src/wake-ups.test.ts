import { expect, test } from "@jest/globals";
import { decodeWakeUps, encodeWakeUps } from "./wake-ups.ts";

test("a batch's wake-ups come back from their one message", () => {
  const wakeUps = [
    { organizationId: "a", position: 7 },
    { organizationId: "b" },
    { organizationId: "c", position: 0 },
  ];
  expect(decodeWakeUps(encodeWakeUps(wakeUps))).toEqual(wakeUps);
});

test("a message that is garbage still only wakes somebody, and never throws", () => {
  expect(decodeWakeUps("a=x,=,")).toEqual([
    { organizationId: "a" },
    { organizationId: "", position: 0 },
    { organizationId: "" },
  ]);
});
