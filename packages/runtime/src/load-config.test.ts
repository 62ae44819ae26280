import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import Joi from "joi";
import { ConfigError, listOf, loadConfig, usableBy } from "./load-config.ts";

const schema = Joi.object<{ PORT: number; NAME: string; SECRET: string; KIND?: string; PARSED?: string }>({
  PORT: Joi.number().port().default(3_000),
  NAME: Joi.string()
    .pattern(/^[a-z]+$/)
    .default("name"),
  SECRET: Joi.string().min(5).required(),
  KIND: Joi.string().valid("one", "two"),
  PARSED: Joi.string().custom(usableBy(JSON.parse, "must be JSON")),
});

function faultsOf(environment: Record<string, string>): string[] {
  try {
    loadConfig(schema, environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n");
  }
}

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "triggers-config-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("loading the configuration", () => {
  test("reads what the schema names, converts it, and ignores the rest of the environment", () => {
    const config = loadConfig(schema, { SECRET: "secret", PORT: "8080", HOME: "/root" });
    expect(config).toEqual({ SECRET: "secret", PORT: 8_080, NAME: "name" });
  });

  test("an empty variable is one that is not set", () => {
    expect(loadConfig(schema, { SECRET: "secret", PORT: "", KIND: "" }).PORT).toBe(3_000);
    expect(faultsOf({ SECRET: "" })).toEqual(["SECRET is required"]);
  });

  test("names all faults at once, a line each, by setting and rule and never by value", () => {
    const value = 'no "good" value';
    const faults = faultsOf({ PORT: value, NAME: value, SECRET: "no", KIND: value, PARSED: value });
    expect(faults).toEqual([
      "PORT must be a number",
      "NAME must match the pattern /^[a-z]+$/",
      "SECRET length must be at least 5 characters long",
      "KIND must be one of [one, two]",
      "PARSED must be JSON",
    ]);
  });

  test("a secret may come from a file, without its last line break", () => {
    const path = join(dir, "secret");
    writeFileSync(path, "from a file\n");
    expect(loadConfig(schema, { SECRET_FILE: path }).SECRET).toBe("from a file");
    expect(loadConfig(schema, { SECRET_FILE: path, SECRET: "at hand" }).SECRET).toBe("at hand");
  });

  test("a file that cannot be read is a fault beside the others", () => {
    expect(faultsOf({ SECRET_FILE: join(dir, "none"), PORT: "x" })).toEqual([
      "SECRET_FILE cannot be read (ENOENT)",
      "PORT must be a number",
      "SECRET is required",
    ]);
  });
});

test("a list is separated by commas, and an empty one has no members", () => {
  expect([listOf(""), listOf(" a , b,,c ")]).toEqual([[], ["a", "b", "c"]]);
});
