import { expect, test } from "@jest/globals";
import { createSeededRandom } from "@triggers/testing";
import { check } from "../http/validate.ts";
import { checkEventBody } from "./check-event-body.ts";
import { eventSchema } from "./event-schema.ts";

const texts = [
  ...[
    "a",
    "order.created",
    "a".repeat(255),
    "a".repeat(256),
    "",
    " ",
    "é",
    "😀".repeat(127),
    "😀".repeat(128),
  ],
  ...[".a", "a.", "a..b", "a b", "a\n", "a\0b", "\ud800", "a\udc00b", "__proto__", "{}"],
];
const others = [null, true, 0, 1.5, [], ["a"], {}, { a: "1" }, { __proto__: null, type: "a" }];
const rare = {
  metadata: [{}, { a: "1" }, { a: 1 }, JSON.parse('{"__proto__":"1"}') as object],
  occurred_at: ["2026-01-31T12:00:00.000Z", "2026-01-31", "2026-02-30T12:00:00Z"],
  unknown: [1],
  Type: ["a"],
  constructor: ["a"],
  toString: [{}],
};

/** Mostly right, so that what is wrong is wrong in one place. */
function createBodies(seed: number) {
  const random = createSeededRandom(seed);
  const isRare = () => random() < 0.15;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const anything = (): unknown => (random() < 0.7 ? pick(texts) : pick(others));
  return (): Record<string, unknown> => {
    const fields: [string, unknown][] = [];
    if (!isRare()) fields.push(["type", isRare() ? anything() : "order.created"]);
    if (!isRare()) fields.push(["payload", isRare() ? anything() : { a: 1 }]);
    if (random() < 0.5) fields.push(["dedup_id", isRare() ? anything() : "order-1"]);
    if (random() < 0.5) fields.push(["subscriber", isRare() ? anything() : pick(texts)]);
    for (const [name, values] of Object.entries(rare)) {
      if (isRare()) fields.push([name, isRare() ? anything() : pick(values as unknown[])]);
    }
    if (random() < 0.02) fields.push(["__proto__", anything()]);
    // As JSON.parse makes them: "__proto__" is a name like any other.
    return Object.fromEntries(fields.sort(() => random() - 0.5));
  };
}

test("an event is answered as its schema answers, however it is looked at", () => {
  const nextBody = createBodies(7);
  const outcomes = { accepted: 0, refused: 0, warned: 0 };
  for (let n = 0; n < 2_000; n++) {
    const body = nextBody();
    const bySchema = check(eventSchema, body, "body", "warn");
    const result = checkEventBody(body);
    try {
      expect(result).toEqual(bySchema);
    } catch (error) {
      throw new Error(`differs for ${JSON.stringify(body)}`, { cause: error });
    }
    if (!result.ok) outcomes.refused += 1;
    else outcomes[result.warnings.length > 0 ? "warned" : "accepted"] += 1;
  }
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(100);
});

test.each(["dedup_id", "subscriber", "type"])("every short text is answered alike as %s", (name) => {
  for (const text of texts) {
    const body = { type: "a", payload: {}, [name]: text };
    expect(checkEventBody(body)).toEqual(check(eventSchema, body, "body", "warn"));
  }
});
