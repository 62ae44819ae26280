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

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A process of its own each time, so that no run inherits another's heap or compiled code. */
export async function startIngestServer(
  name: ServerName,
  stack: Stack,
  databaseUrl: string,
  extra: Record<string, string> = {},
): Promise<IngestServer> {
  const prefix = `bench-${name}`;
  const path = "/api/events";
  const settings = productSettings(stack, databaseUrl, prefix);
  if (name !== "product") {
    const process = await startApp(fileOf(`./${name}-server.ts`), settings);
    return { process, prefix, target: { url: process.url, path, headers: {} } };
  }
  const process = await startApp(fileOf("../../apps/gateway/src/main.ts"), { ...settings, ...extra });
  const { apiKey } = await createApiClient(process.url, "enterprise");
  return { process, prefix, target: { url: process.url, path, headers: { "x-api-key": apiKey } } };
}

export function startDrainWorker(
  name: "floor" | "product",
  stack: Stack,
  databaseUrl: string,
  extra: Record<string, string> = {},
): Promise<AppProcess> {
  const settings = productSettings(stack, databaseUrl, `bench-${name}`);
  return name === "floor"
    ? startApp(fileOf("./floor-worker.ts"), settings)
    : startApp(fileOf("../../apps/worker/src/main.ts"), { ...settings, ...extra });
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
