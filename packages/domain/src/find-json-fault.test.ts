import { expect, it } from "@jest/globals";
import { createRandom, randomJsonObject } from "../test/random-json.ts";
import { findJsonFault } from "./find-json-fault.ts";

it.each([
  ['"\\u00E9\\uabCD', 13],
  ["", 0],
  ["  ", 2],
  ["{", 1],
  ['{"a": x}', 6],
  ['{"a":1,}', 7],
  ["[1,]", 3],
  ['{"a" 1}', 5],
  ['"abc', 4],
  ['"a\\q"', 3],
  ['"a\\u12x"', 6],
  ["01", 1],
  ["-", 1],
  ["1.x", 2],
  ["1e+", 3],
  ["tru", 3],
  ["nul}", 3],
  ['{"a":1}}', 7],
  ['"a\nb"', 2],
  ["[1 2]", 3],
  ["{'a':1}", 1],
  ["[1}", 2],
  ["{]", 1],
  ["\u00a01", 0],
])("%j has its fault at %d", (text, at) => expect(findJsonFault(text)).toBe(at));

it("finds a fault exactly where JSON.parse does, in thousands of damaged texts", () => {
  const seed = Date.now() % 1_000_000;
  const random = createRandom(seed);
  const seen = { valid: 0, placed: 0, unplaced: 0 };
  for (let run = 0; run < 8_000; run++) {
    const text = damage(randomJsonObject(random), random);
    const context = `seed ${seed}, run ${run}: ${text}`;
    const message = faultOfJsonParse(text);
    const place = /at position (\d+)/.exec(message ?? "")?.[1];
    const found = findJsonFault(text);
    seen[message === undefined ? "valid" : place === undefined ? "unplaced" : "placed"]++;
    expect({ context, valid: found === undefined }).toEqual({ context, valid: message === undefined });
    if (place !== undefined) expect({ context, found }).toEqual({ context, found: Number(place) });
    // Without a position the message still names the character.
    const token = /^Unexpected token '(.)'/su.exec(message ?? "")?.[1];
    if (token !== undefined)
      expect({ context, token: text.charAt(found ?? -1) }).toEqual({ context, token: token.charAt(0) });
    if (message === "Unexpected end of JSON input")
      expect({ context, found }).toEqual({ context, found: text.length });
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
});

it("copes with nesting as deep as a body can be", () => {
  expect(findJsonFault("[".repeat(262_144))).toBe(262_144);
  expect(findJsonFault(`"${"\\n".repeat(5_000_000)}`)).toBe(10_000_001);
});

function damage(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const inserted = ["", "", "x", '"', "\\", "}", "[", ",", ":", "0", "e", ".", "\n", "-"];
  const replacement = inserted[Math.floor(random() * inserted.length)] ?? "";
  return text.slice(0, at) + replacement + text.slice(at + (random() < 0.5 ? 1 : 0));
}

function faultOfJsonParse(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
