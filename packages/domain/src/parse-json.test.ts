import { describe, expect, it } from "@jest/globals";
import { createRandom, plainName, randomJsonObject, withPlainNames } from "../test/random-json.ts";
import { parseJson } from "./parse-json.ts";

describe("parseJson", () => {
  it("reads an escaped name as itself, whatever names were read before", () => {
    // On a V8 with nodejs/node#63785 plain JSON.parse yields the first text's names for the second one.
    expect(parseJson('{"h":[],"\\\\":0}')).toEqual({ h: [], "\\": 0 });
    expect(parseJson('{"h":1,"\\"":2}')).toEqual({ h: 1, '"': 2 });
    expect(parseJson('{"h":1,"\\u00e9":2}')).toEqual({ h: 1, é: 2 });
    expect(parseJson('{"type":"a","\\\\u0070a":{}}')).toEqual({ type: "a", "\\u0070a": {} });
    expect(parseJson('{"type":"a","\\u0070ayload":{}}')).toEqual({ type: "a", payload: {} });
  });

  it.each([
    "{}",
    " [ ] ",
    '"\\u0061"',
    "-0",
    "null",
    '{"a":"\\\\"}',
    '{"a\\n":[1,{"b":[]},"\\""],"c":{"d":{}} }',
    "[1e400]",
  ])("agrees with JSON.parse on %s", (text) => expect(parseJson(text)).toEqual(JSON.parse(text)));

  it("keeps a __proto__ that was sent an ordinary member", () => {
    const value = parseJson('{"\\u005f_proto__":{"type":1}}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(value.type).toBeUndefined();
  });

  it("lets the last of repeated names win", () => {
    expect(parseJson('{"\\u0061":1,"a":2}')).toEqual({ a: 2 });
  });

  it("throws on what is not JSON", () => {
    expect(() => parseJson('{"\\u0061":1')).toThrow();
  });

  it("does not run out of stack", () => {
    const text = `{"\\n":${"[".repeat(130_000)}${"]".repeat(130_000)}}`;
    expect(Object.keys(parseJson(text) as object)).toEqual(["\n"]);
  });
});

it("reads thousands of random texts with the names that were sent", () => {
  const seed = Date.now() % 1_000_000;
  const random = createRandom(seed);
  for (let run = 0; run < 8_000; run++) {
    const text = randomJsonObject(random);
    const context = `seed ${seed}, run ${run}: ${text}`;
    const value = renamed(parseJson(text));
    expect({ context, value }).toEqual({ context, value: JSON.parse(withPlainNames(text)) as unknown });
  }
});

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [plainName(name), renamed(member)]),
  );
}
