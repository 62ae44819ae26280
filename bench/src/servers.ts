import { fileURLToPath } from "node:url";
import { type AppProcess, createApiClient, startApp } from "@triggers/testing";
import type { Target } from "./http-connection.ts";
import type { Stack } from "./stack.ts";

export type ServerName = "bare" | "floor" | "product";

export interface IngestServer {
  process: AppProcess;
  prefix: string;
  target: Target;
}

/** The product runs with the prefix that it is shipped with: its length counts in Redis' memory. */
export const prefixOf = (name: "floor" | "product") => (name === "product" ? "triggers" : "floor");

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A process of its own each time, so that no run inherits another's heap or compiled code. */
export async function startIngestServer(
  name: ServerName,
  stack: Stack,
  databaseUrl: string,
  extra: Record<string, string> = {},
  path = "/api/events",
): Promise<IngestServer> {
  if (name === "bare") return startBareServer();
  const prefix = prefixOf(name);
  const settings = productSettings(stack, databaseUrl, prefix);
  if (name === "floor") {
    const process = await startApp(fileOf("./floor-server.ts"), settings);
    return { process, prefix, target: { url: process.url, path, headers: {} } };
  }
  const process = await startApp(fileOf("../../apps/gateway/src/main.ts"), { ...settings, ...extra });
  const client = await createApiClient(process.url, "enterprise");
  // The first use of a key costs one comparison of its hash, which is slow on purpose.
  await client.request("GET", "/api/inbox?limit=1");
  return { process, prefix, target: { url: process.url, path, headers: { "x-api-key": client.apiKey } } };
}

/** Answers 202 to everything: what the load generator can do at most. */
export async function startBareServer(): Promise<IngestServer> {
  const process = await startApp(fileOf("./bare-server.ts"), {});
  return { process, prefix: "bare", target: { url: process.url, path: "/api/events", headers: {} } };
}

export function startDrainWorker(
  name: "floor" | "product",
  stack: Stack,
  databaseUrl: string,
  extra: Record<string, string> = {},
): Promise<AppProcess> {
  const settings = { ...productSettings(stack, databaseUrl, prefixOf(name)), ...extra };
  return startApp(fileOf(name === "floor" ? "./floor-worker.ts" : "../../apps/worker/src/main.ts"), settings);
}

/** The defaults of production, but with a tier that the load fits into; the limiter itself stays on. */
export function productSettings(stack: Stack, databaseUrl: string, prefix: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    REDIS_URL: stack.redisUrl,
    REDIS_PREFIX: prefix,
    LOG_LEVEL: "info",
    BCRYPT_COST: "10",
    RATE_LIMIT_ENTERPRISE: "100000000",
  };
}
