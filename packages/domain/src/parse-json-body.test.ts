import { describe, expect, it } from "@jest/globals";
import { parseJsonBody } from "./parse-json-body.ts";

const parse = (body: string | Buffer) => parseJsonBody(Buffer.from(body as string), { maxDepth: 64 });

function refusalOf(body: string | Buffer) {
  const parsed = parse(body);
  return parsed.ok
    ? undefined
    : { code: parsed.error.code, message: parsed.error.message, ...parsed.error.details };
}

describe("parseJsonBody", () => {
  it("gives the value, and the bytes of every member as they were sent", () => {
    const body = '{"type":"a","payload": {"ü":9007199254740993, "x":"\\ud800😀"} }';
    const parsed = parse(body);
    if (!parsed.ok) throw parsed.error;
    expect(parsed.value).toEqual(JSON.parse(body));
    const span = parsed.members.get("payload");
    expect(parsed.text.slice(span?.start, span?.end)).toBe('{"ü":9007199254740993, "x":"\\ud800😀"}');
  });

  it("reads an escaped name as itself, whatever another client sent before (nodejs/node#63785)", () => {
    parse('{"q":[],"\\\\":0}');
    expect(parse('{"q":1,"\\u00e9":2}')).toMatchObject({ ok: true, value: { q: 1, é: 2 } });
  });

  it("ignores a byte order mark", () => {
    const parsed = parse('\ufeff{"a":1}');
    expect(parsed).toMatchObject({ ok: true, text: '{"a":1}', value: { a: 1 } });
  });

  it.each([
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "The body is not valid UTF-8."],
    [Buffer.from('{"a":"\xe9"}', "latin1"), "The body is not valid UTF-8."],
    [Buffer.from('{"a":"\ud83d', "utf8").subarray(0, 8), "The body is not valid UTF-8."],
  ])("refuses bytes that are not UTF-8 instead of replacing them %#", (body, message) => {
    expect(refusalOf(body)).toEqual({ code: "malformed_json", message });
  });

  it.each([
    ["", "The body is empty; it must be a JSON object."],
    [" \n", "The body is empty; it must be a JSON object."],
    ['{"a":', "The body is not valid JSON: it ends too early."],
    ['{"a": x}', "The body is not valid JSON: unexpected character at line 1, column 7."],
    ['{\n"a": 1,\n  }', "The body is not valid JSON: unexpected character at line 3, column 3."],
  ])("says where %j is broken", (body, message) => {
    expect(refusalOf(body)).toEqual({ code: "malformed_json", message });
  });

  it("looks for the place in the first 4 096 characters only", () => {
    const after = (length: number) => refusalOf(`{"a":"${"x".repeat(length)}"} x`)?.message;
    expect(after(4_000)).toBe("The body is not valid JSON: unexpected character at line 1, column 4010.");
    const beyond = "The body is not valid JSON: the fault lies beyond its first 4096 characters.";
    expect(after(5_000)).toBe(beyond);
    expect(refusalOf(`{"a":${"[".repeat(50_000)}`)?.message).toBe(beyond);
  });

  it("never repeats the body, neither in the message nor in a cause", () => {
    const parsed = parse('{"password": hunter2}');
    expect(JSON.stringify(refusalOf('{"password": hunter2}'))).not.toMatch(/hunter2|password/);
    expect(parsed.ok ? undefined : parsed.error.cause).toBeUndefined();
  });

  it.each(["[]", "null", "1", '"{}"', "true"])("refuses the top level %s, which is not an object", (body) => {
    expect(refusalOf(body)).toEqual({
      code: "invalid_request",
      message: "The body must be a JSON object.",
      fields: [{ pointer: "", detail: "must be a JSON object" }],
    });
  });

  it.each([
    ['{"a":1,"\\u0061":2}', "/a", "appears more than once"],
    ['{"payload":{"amount":1e400}}', "/payload/amount", "is a number beyond the range of a double"],
    [
      `{"payload":${"[".repeat(64)}${"]".repeat(64)}}`,
      `/payload${"/0".repeat(63)}`,
      "is nested deeper than 64 levels",
    ],
  ])("refuses %s and points at it", (body, pointer, detail) => {
    expect(refusalOf(body)).toMatchObject({ code: "invalid_request", fields: [{ pointer, detail }] });
  });

  it("refuses nesting as deep as a body can be, without running out of stack", () => {
    const body = `{"a":${"[".repeat(130_000)}${"]".repeat(130_000)}}`;
    expect(refusalOf(body)).toMatchObject({ code: "invalid_request" });
  });
});
