import { expect, test } from "@jest/globals";
import type { EventRow } from "@triggers/db";
import { createEventId } from "@triggers/domain";
import { encodeCursor } from "./cursor.ts";
import { sseTextOf } from "./sse-text.ts";

const eventWith = (payload: string | null) =>
  ({ ...{ id: createEventId(1), type: "a", position: 7, payload }, cloudevent: null }) as unknown as EventRow;

test.each([
  ['{"a":\n1}', '{"a":\n1}'],
  ['{\r\n"a"\r:1\n\n}', '{\n"a"\n:1\n\n}'],
  [String.raw`{"a":"\n\r\u2028"}`, String.raw`{"a":"\n\r\u2028"}`],
  ['{"a":"\u2028\u0085"}', '{"a":"\u2028\u0085"}'],
  [null, "null"],
])("the payload %j comes out as the same JSON, whatever line ends it holds", (payload, expected) => {
  const text = sseTextOf([eventWith(payload)]);
  const [id, event, ...data] = text.split(/\r\n|\r|\n/);
  expect([id, event]).toEqual([`id: ${encodeCursor(7)}`, "event: message"]);
  expect(data.splice(-2)).toEqual(["", ""]);
  expect(data.every((line) => line.startsWith("data: "))).toBe(true);
  const read = data.map((line) => line.slice("data: ".length)).join("\n");
  expect(read.endsWith(`"payload":${expected}}`)).toBe(true);
  expect(() => JSON.parse(read) as unknown).not.toThrow();
});
