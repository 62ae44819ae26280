import { Writable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { createLogger, type LogFields, type LogLevel } from "./logger.ts";

function logged(fields: LogFields, message = "something happened"): Record<string, unknown> {
  const [line] = linesOf("info", (logger) => logger.info(message, fields));
  return JSON.parse(line ?? "") as Record<string, unknown>;
}

function linesOf(level: LogLevel, use: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  use(createLogger({ level, service: "test", destination }));
  return lines;
}

const apiKey = `trg_live_${"k".repeat(16)}_${"s".repeat(49)}`;

describe("a line of the log", () => {
  test("is JSON with level, message, service, time and the fields", () => {
    expect(logged({ attempt: 2, nested: { a: [1, null, true] } })).toEqual({
      level: "info",
      message: "something happened",
      service: "test",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      attempt: 2,
      nested: { a: [1, null, true] },
    });
  });

  test("is written at its level and above only", () => {
    const lines = linesOf("warn", (logger) => {
      for (const level of ["debug", "info", "warn", "error"] as const) logger[level](level);
    });
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(["warn", "error"]);
  });

  test("is one line, whatever line breaks its fields hold", () => {
    expect(linesOf("info", (logger) => logger.info("a\nb", { text: "c\r\nd" }))[0]?.trimEnd()).not.toContain(
      "\n",
    );
  });
});

describe("an error in the log", () => {
  test("shows name, message, code, stack and cause, however deep", () => {
    const root = Object.assign(new Error("root"), { code: "ECONNREFUSED" });
    const { error } = logged({
      error: new TypeError("outer", { cause: new Error("middle", { cause: root }) }),
    });
    expect(error).toMatchObject({
      ...{ name: "TypeError", message: "outer" },
      cause: { message: "middle", cause: { message: "root", code: "ECONNREFUSED" } },
    });
    expect((error as Error).stack).toContain("logger.test.ts");
  });

  test("that is its own cause does not hang the log", () => {
    const error = new Error("snake");
    error.cause = error;
    expect(JSON.stringify(logged({ error }))).toContain("snake");
  });
});

describe("a secret in the log", () => {
  test.each([
    ["apiKey"],
    ["api_key"],
    ["signingSecret"],
    ["secret"],
    ["password"],
    ["adminToken"],
    ["authorization"],
    ["Authorization"],
    ["payload"],
    ["headers"],
    ["response_headers"],
  ])("is removed from a field called %s, also inside others", (name) => {
    const line = logged({
      [name]: "hush-hush",
      a: { [name]: { b: "hush-hush" } },
      list: [{ [name]: "hush-hush" }],
    });
    expect(JSON.stringify(line)).not.toContain("hush-hush");
    expect(line[name]).toBe("[redacted]");
  });

  test.each([
    ["an API key", apiKey],
    ["a signing secret", `whsec_${"A1+/".repeat(8)}==`],
    ["a Redis password", "redis://:hush-hush@localhost:6379"],
    ["a Postgres password", "postgres://user:hush-hush@localhost/db"],
  ])("that looks like %s is removed from any text", (_what, secret) => {
    const error = new Error(`the message has ${secret} in it`, { cause: new Error(secret) });
    const line = JSON.stringify(logged({ text: `(${secret})`, list: [secret], error }, `with ${secret}`));
    expect(line).not.toContain(secret);
    expect(line).not.toContain("hush-hush");
    expect(line).toContain("[redacted]");
  });

  test("leaves the key id of an API key out too, but keeps other ids", () => {
    const id = "01890000-0000-7000-8000-000000000000";
    expect(logged({ eventId: id, keyId: "abc" })).toMatchObject({ eventId: id, keyId: "abc" });
  });
});
