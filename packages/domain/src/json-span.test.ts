import { describe, expect, it } from "@jest/globals";
import { createRandom, plainName, randomJsonObject, withPlainNames } from "../test/random-json.ts";
import { jsonItems, scanJsonEnvelope, scanJsonObject } from "./json-span.ts";

const limits = { maxDepth: 64 };

/** The raw text of every member; the refusal, when there is one. */
function slices(text: string) {
  JSON.parse(text);
  const scan = scanJsonObject(text, limits);
  if (!scan.ok) return scan;
  return Object.fromEntries(
    [...scan.members].map(([name, { start, end }]) => [name, text.slice(start, end)]),
  );
}

describe("scanJsonObject keeps the bytes of", () => {
  it("every kind of value, without the space around it", () => {
    const text =
      ' {\n"a" : "x" ,"b":\t-1.5e3\r,"c":true,"d" :false , "e":null,"f": { "g" : [ ] } ,"h":[{}]\n} ';
    expect(slices(text)).toEqual({
      a: '"x"',
      b: "-1.5e3",
      c: "true",
      d: "false",
      e: "null",
      f: '{ "g" : [ ] }',
      h: "[{}]",
    });
  });

  it("an empty object and a lone member", () => {
    expect(slices("{}")).toEqual({});
    expect(slices(" { } ")).toEqual({});
    expect(slices('{"":0}')).toEqual({ "": "0" });
  });

  it("numbers and escapes that JSON.parse would change", () => {
    const payload = '{"big":9007199254740993,"nul":"\\u0000","lone":"\\ud800","key":1, "key":2}';
    expect(slices(`{"payload":${payload}}`)).toEqual({ payload });
  });

  it("strings with quotes, backslashes and brackets, short and long", () => {
    for (const inside of [
      '\\"',
      "\\\\",
      '\\\\\\"',
      "}]{[,:",
      "x".repeat(22) + '\\"',
      "x".repeat(23) + "\\\\",
      "\\\\".repeat(40),
    ]) {
      expect(slices(`{"a":"${inside}","b":"${inside}"}`)).toEqual({ a: `"${inside}"`, b: `"${inside}"` });
    }
  });

  it("the member that JSON.parse means, when its name is escaped or stands nested or in a string too", () => {
    expect(slices('{"a":{"payload":1},"x":"\\"payload\\":2","\\u0070ayload":3}')["payload" as never]).toBe(
      "3",
    );
  });
});

describe("scanJsonObject refuses", () => {
  it.each([
    ['{"a":1,"a":1}', "/a"],
    ['{"payload":{},"\\u0070ayload":{}}', "/payload"],
    ['{"a/~":1,"b":2,"a\\/~":3}', "/a~1~0"],
    ['{"__proto__":1,"__proto__":2}', "/__proto__"],
  ])("a repeated top-level name: %s", (text, pointer) => {
    expect(slices(text)).toEqual({
      ok: false,
      reason: "repeated_key",
      detail: "appears more than once",
      pointer,
    });
  });

  it.each([
    ["1e400", "/a"],
    ["-1E+309", "/a"],
    ["[0,[1,2e999]]", "/a/1/1"],
    ['{"b":"1e400","c":[{}, {"d\\u002f":[ ], "e":0}, {"d\\u002f":9e999}]}', "/a/c/2/d~1"],
    ["9".repeat(400), "/a"],
    ["9".repeat(309), "/a"],
    [`1${"0".repeat(309)}`, "/a"],
  ])("a number that is not finite: %s", (value, pointer) => {
    expect(slices(`{"z":1,"a":${value}}`)).toMatchObject({ ok: false, reason: "not_finite", pointer });
  });

  it.each(["1e308", "1e-400", "9".repeat(308), `0.${"1".repeat(500)}`, `1${"0".repeat(308)}`, "0e999"])(
    "no finite number: %s",
    (value) => expect(slices(`{"a":${value}}`)).toEqual({ a: value }),
  );

  it("the 65th nested container, the body being the first", () => {
    const nested = (levels: number) => `{"payload":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
    expect(slices(nested(64))).toHaveProperty("payload");
    expect(slices(nested(65))).toEqual({
      ok: false,
      reason: "too_deep",
      detail: "is nested deeper than 64 levels",
      pointer: `/payload${"/0".repeat(63)}`,
    });
    const objects = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
    expect(slices(objects(64))).toHaveProperty("a");
    expect(slices(objects(65))).toMatchObject({ reason: "too_deep" });
  });

  it("no width: containers side by side are not deep", () => {
    expect(slices(`{"a":[${"[],".repeat(1000)}{}]}`)).toHaveProperty("a");
  });

  it("with a pointer of at most 256 characters, however long the client's names are", () => {
    const scan = slices(`{"a":{"${"x".repeat(1000)}":[1e400]}}`);
    expect(scan).toMatchObject({ reason: "not_finite", pointer: "/a" });
  });
});

describe("jsonItems", () => {
  const items = (text: string, start = 0) =>
    jsonItems(text, start).map((item) => text.slice(item.start, item.end));

  it.each([
    ["[]", []],
    [" [ ] ", []],
    ["[1]", ["1"]],
    [
      '[ -1.5e3 ,"a,]\\"" ,true\t,null\n,[ 1, [2] ] , {"a":[{}]} ]',
      ["-1.5e3", '"a,]\\""', "true", "null", "[ 1, [2] ]", '{"a":[{}]}'],
    ],
    ['[{},{"a":"}"},[]]', ["{}", '{"a":"}"}', "[]"]],
    ["[1e400,[[1e999]]]", ["1e400", "[[1e999]]"]],
  ])("finds every item of %s, without the space around it", (text, expected) => {
    JSON.parse(text);
    expect(items(text, text.indexOf("["))).toEqual(expected);
  });

  it("finds them inside an envelope, however deep or wrong each may be", () => {
    const deep = `${"[".repeat(500)}${"]".repeat(500)}`;
    const text = `{ "x":1e999, "events" : [ ${deep} , {"a":1,"a":2}, 1e400 ] , "y":[] }`;
    const scan = scanJsonEnvelope(text);
    expect(scan.ok && items(text, scan.members.get("events")?.start)).toEqual([
      deep,
      '{"a":1,"a":2}',
      "1e400",
    ]);
    expect(scan.ok && [...scan.members.keys()]).toEqual(["x", "events", "y"]);
  });

  it("an envelope with a repeated name is refused", () => {
    expect(scanJsonEnvelope('{"events":[],"ev\\u0065nts":[]}')).toMatchObject({
      ok: false,
      reason: "repeated_key",
      pointer: "/events",
    });
  });

  it("agrees with JSON.parse on thousands of random arrays", () => {
    const seed = Date.now() % 1_000_000;
    const random = createRandom(seed);
    for (let run = 0; run < 2_000; run++) {
      const objects = Array.from({ length: run % 5 }, () => randomJsonObject(random));
      const text = ` [${objects.join(run % 2 ? " ,\n" : ",")}]`;
      const sliced = items(text, 1);
      expect({ seed, run, sliced }).toEqual({ seed, run, sliced: objects.map((object) => object.trim()) });
    }
  });
});

it("agrees with JSON.parse on thousands of random bodies", () => {
  const seed = Date.now() % 1_000_000;
  const random = createRandom(seed);
  const seen = { ok: 0, repeated_key: 0, not_finite: 0, too_deep: 0 };
  for (let run = 0; run < 8_000; run++) {
    const text = randomJsonObject(random);
    const scan = scanJsonObject(text, { maxDepth: 5 });
    seen[scan.ok ? "ok" : scan.reason]++;
    const faults = faultsOf(text, 5);
    const context = `seed ${seed}, run ${run}: ${text}`;
    if (scan.ok) {
      expect({ context, faults: [...faults] }).toEqual({ context, faults: [] });
      const members = [...scan.members];
      const sliced = members.map(
        ([name, { start, end }]) => [plainName(name), text.slice(start, end)] as const,
      );
      const values = sliced.map(([name, slice]) => [name, JSON.parse(withPlainNames(slice)) as unknown]);
      expect({ context, value: Object.fromEntries(values) as unknown }).toEqual({
        context,
        value: JSON.parse(withPlainNames(text)) as unknown,
      });
      expect({ context, loose: sliced.filter(([, slice]) => slice !== slice.trim()) }).toEqual({
        context,
        loose: [],
      });
    } else {
      expect({ context, agreed: faults.has(scan.reason) }).toEqual({ context, agreed: true });
      const where = scan.reason === "repeated_key" ? scan.pointer.length > 0 : reaches(text, scan.pointer);
      expect({ context, pointer: scan.pointer, where }).toEqual({
        context,
        pointer: scan.pointer,
        where: true,
      });
    }
  }
  // A generator that stopped producing one of these would prove nothing about it.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
});

/** What is wrong with the text, found in another way: the reviver sees every value, the tokens show the names. */
function faultsOf(text: string, maxDepth: number): Set<string> {
  const faults = new Set<string>();
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/gs) ?? [];
  const names = new Set<unknown>();
  let depth = 0;
  tokens.forEach((token, index) => {
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    if (depth > maxDepth) faults.add("too_deep");
    if (/^[-\d]/.test(token) && !Number.isFinite(Number(token))) faults.add("not_finite");
    if (depth === 1 && tokens[index + 1] === ":") {
      const name: unknown = JSON.parse(token);
      if (names.has(name)) faults.add("repeated_key");
      names.add(name);
    }
  });
  return faults;
}

/** Whether the pointer leads to something in the text; a repeated nested name may hide what stood there. */
function reaches(text: string, pointer: string): boolean {
  const strings = [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/gs)];
  const names = strings.filter(([, , colon]) => colon).map(([, name]) => JSON.parse(name ?? "") as string);
  const steps = pointer.split("/").slice(1);
  return steps.every(
    (step) => /^\d+$/.test(step) || names.includes(step.replaceAll("~1", "/").replaceAll("~0", "~")),
  );
}
