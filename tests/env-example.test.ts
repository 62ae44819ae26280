import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { gatewayConfigSchema } from "../apps/gateway/src/config.ts";
import { workerConfigSchema } from "../apps/worker/src/config.ts";

interface Setting {
  flags?: { default?: string | number | boolean; presence?: "required" };
}

const settingsOf = (schema: typeof gatewayConfigSchema | typeof workerConfigSchema) =>
  Object.entries((schema.describe() as { keys: Record<string, Setting> }).keys);
const settings = [...settingsOf(gatewayConfigSchema), ...settingsOf(workerConfigSchema)];
const lines = readFileSync(new URL("../.env.example", import.meta.url), "utf8").split("\n");
const examples = new Map(
  lines.flatMap((line) => {
    const [, hash, name, value] = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, { isCommentedOut: hash === "#", value: value ?? "" }] as const];
  }),
);

test(".env.example names every setting of both apps, and no other", () => {
  expect([...examples.keys()].sort()).toEqual([...new Set(settings.map(([name]) => name))].sort());
});

test.each(settings)(
  ".env.example shows the default of %s, or that it must be set",
  (name, { flags = {} }) => {
    const { isCommentedOut, value } = examples.get(name) ?? {};
    expect(isCommentedOut).toBe(flags.presence !== "required");
    if (isCommentedOut) expect(value).toBe(String(flags.default ?? ""));
  },
);

test("every setting has a line of explanation above it", () => {
  for (const name of examples.keys()) {
    const at = lines.findIndex((line) => line.replace("#", "").startsWith(`${name}=`));
    const block = lines.slice(0, at).toReversed();
    const before = block.slice(0, block.indexOf(""));
    expect([name, before.some((line) => line.startsWith("# "))]).toEqual([name, true]);
  }
});
