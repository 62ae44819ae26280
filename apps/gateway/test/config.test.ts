import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ConfigError, loadConfig } from "@triggers/runtime";
import { gatewayConfigSchema } from "../src/config.ts";

const right = {
  DATABASE_URL: "postgres://user:secret-word@localhost/db",
  REDIS_URL: "redis://:secret-word@localhost:6379",
  SECRET_KEYS: Buffer.alloc(32, 1).toString("base64"),
};
const load = (settings: Record<string, string>) => loadConfig(gatewayConfigSchema, { ...right, ...settings });
function faultsOf(settings: Record<string, string>): string {
  try {
    load(settings);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

describe("the gateway's configuration", () => {
  test("needs three settings and has a default for all the others, none of them a secret", () => {
    expect(load({})).toMatchObject({ ...right, PORT: 3_000, SIGNUP: "admin", RATE_LIMIT_FREE: 100 });
    expect(load({})).not.toHaveProperty("ADMIN_TOKEN");
  });

  test.each([
    ["DATABASE_URL", "mysql://u:secret-word@h/d"],
    ["DATABASE_URL", "secret-word"],
    ["REDIS_URL", "http://:secret-word@h"],
    ["REDIS_URL", "redis+sentinel://:secret-word@h:1"],
    ["REDIS_URL", "redis+sentinel://:secret-word@h:1/main/secret-word"],
    ["REDIS_URL", "redis+cluster://:secret-word@h:1/0"],
    ["REDIS_URL", "redis+cluster://:secret-word@"],
    ["REDIS_PREFIX", "secret word:"],
    ["QUEUE_SHARDS", "0"],
    ["QUEUE_SHARDS", "1.5"],
    ["SECRET_KEYS", "secret-word"],
    ["SECRET_KEYS", `${right.SECRET_KEYS},c2VjcmV0LXdvcmQ=`],
    ["ADMIN_TOKEN", "secret-word"],
    ["SIGNUP", "secret-word"],
    ["PORT", "70000"],
    ["PORT", "secret-word"],
    ["DEDUP_WINDOW_SECONDS", "59"],
    ["PUBLISH_DEADLINE_MS", "1000"],
    ["RATE_LIMIT_FREE", "0"],
    ["RATE_LIMIT_FREE", "1.5"],
    ["WEBHOOK_HTTPS_ONLY", "secret-word"],
    ["WEBHOOK_ALLOWED_CIDRS", "10.0.0.0/8,secret-word"],
    ["WEBHOOK_ALLOWED_CIDRS", "10.0.0.0/99"],
    ["LOG_LEVEL", "secret-word"],
  ])("refuses a wrong %s, by name and rule and never by value (%#)", (name, value) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toMatch(new RegExp(`^${name} `));
    expect(faults.split("\n")).toHaveLength(1);
    expect(faults).not.toMatch(/secret.word|c2VjcmV0/);
    expect(faults).not.toContain(value);
  });

  test("takes a secret from the file that NAME_FILE names, and says when it cannot", () => {
    const dir = mkdtempSync(join(tmpdir(), "triggers-config-"));
    const file = join(dir, "admin-token");
    writeFileSync(file, "a-token-from-a-file\n");
    expect(load({ ADMIN_TOKEN_FILE: file }).ADMIN_TOKEN).toBe("a-token-from-a-file");
    expect(faultsOf({ ADMIN_TOKEN_FILE: join(dir, "missing") })).toBe(
      "ADMIN_TOKEN_FILE cannot be read (ENOENT)",
    );
    rmSync(dir, { recursive: true });
  });
});

describe.each(["gateway", "worker"])("the %s's process", (app) => {
  test("prints all faults together, by name, never by value, and exits 78", () => {
    const entry = join(import.meta.dirname, `../../${app}/src/main.ts`);
    const faulty = {
      DATABASE_URL: "mysql://u:secret-word@h/d",
      LOG_LEVEL: "secret-word",
      SECRET_KEYS: "secret-word",
    };
    const env = { PATH: process.env.PATH, ...faulty };
    const { status, stdout, stderr } = spawnSync(process.execPath, [entry], { env, encoding: "utf8" });
    expect([status, stdout]).toEqual([78, ""]);
    expect(stderr).toContain(".env.example");
    expect(stderr).toMatch(/^DATABASE_URL must be/m);
    expect(stderr).toMatch(/^LOG_LEVEL must be/m);
    expect(stderr).toMatch(/^SECRET_KEYS must be/m);
    expect(stderr).toMatch(/^REDIS_URL is required$/m);
    expect(stderr).not.toContain("secret-word");
  });
});
