import { expect, test } from "@jest/globals";
import { chooseScenarios } from "./choose-scenarios.ts";

const all = ["S1", "S2", "S2o", "S7-queued", "S7-stored", "S10"];

test("a name stands for itself and for its parts, in any case, and never for longer names", () => {
  expect(chooseScenarios(all, "s2, S7")).toEqual(["S2", "S7-queued", "S7-stored"]);
  expect(chooseScenarios(all, "S1")).toEqual(["S1"]);
  expect(chooseScenarios([...all, "R5", "inbox"], undefined)).toEqual(all);
});

test("an unknown name is refused with those that there are", () => {
  expect(() => chooseScenarios(all, "S1,S3")).toThrow("There is no scenario S3; there are S1, S2,");
});
