import { expect, test } from "@jest/globals";
import { slotOf } from "./redis-client.ts";

// As `CLUSTER KEYSLOT` answers.
test.each([
  ["123456789", 12_739],
  ["{user1000}.following", 3_443],
  ["user1000", 3_443],
  ["foo", 12_182],
])("the slot of %s is Redis' own", (key, slot) => {
  expect(slotOf(key)).toBe(slot);
});
