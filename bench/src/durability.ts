import { cpus, loadavg } from "node:os";
import type { Stack } from "./stack.ts";

/** What the servers themselves say; a figure without it says nothing. */
export async function readDurability(stack: Stack): Promise<Record<string, string>> {
  const names = ["appendonly", "appendfsync", "no-appendfsync-on-rewrite", "maxmemory-policy"];
  const redisSettings = await Promise.all(
    names.map(
      async (name) => [name, ((await stack.redis.config("GET", name)) as string[])[1] ?? "?"] as const,
    ),
  );
  const version = /redis_version:(\S+)/.exec(await stack.redis.info("server"))?.[1] ?? "?";
  const settings = await stack.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings
     WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version') ORDER BY name`,
  );
  return {
    redis: [version, ...redisSettings.map(([name, value]) => `${name}=${value}`)].join(" "),
    postgres: settings.map(({ name, setting }) => `${name}=${setting}`).join(" "),
  };
}

export function describeMachine(): Record<string, string> {
  const processors = cpus();
  return {
    cores: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    "load before (1, 5, 15 min)": loadavg()
      .map((load) => load.toFixed(1))
      .join(" "),
    node: process.version,
    date: new Date().toISOString(),
  };
}
