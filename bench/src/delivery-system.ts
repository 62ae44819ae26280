import { fileURLToPath } from "node:url";
import {
  type ApiClient,
  type AppProcess,
  createApiClient,
  createTestDatabase,
  startApp,
} from "@triggers/testing";
import { productSettings } from "./servers.ts";
import type { Stack } from "./stack.ts";

/** A gateway and a worker as shipped, on a database of their own and an empty Redis. */
export interface DeliverySystem {
  worker: AppProcess;
  query<Row>(sql: string): Promise<Row[]>;
  /** A client of a new organization whose events go to this URL. */
  createClient(webhookUrl: string, timeoutMs?: number): Promise<ApiClient>;
  stop(): Promise<void>;
}

const prefix = "bench-deliveries";
const entryOf = (app: string) => fileURLToPath(new URL(`../../apps/${app}/src/main.ts`, import.meta.url));

export async function startDeliverySystem(
  stack: Stack,
  extra: Record<string, string> = {},
): Promise<DeliverySystem> {
  await stack.resetRedis();
  const database = await createTestDatabase();
  const settings = { ...productSettings(stack, database.url, prefix), ...extra };
  const start = (app: string) => startApp(entryOf(app), settings);
  const [gateway, worker] = await Promise.all([start("gateway"), start("worker")]);
  return {
    worker,
    query: (sql) => stack.query(sql, database.url),
    async createClient(webhookUrl, timeoutMs) {
      const client = await createApiClient(gateway.url);
      const saved = await client.request("POST", "/api/webhook/config", {
        webhook_url: webhookUrl,
        ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
      });
      if (saved.status !== 200) throw new Error(`no webhook was configured: ${saved.text}`);
      return client;
    },
    async stop() {
      await Promise.all([gateway.stop(), worker.stop()]);
      await database.drop();
    },
  };
}

/** Accepts many events at once, a thousand a request. */
export async function publishBacklog(client: ApiClient, count: number): Promise<void> {
  for (let start = 0; start < count; start += 1_000) {
    const events = Array.from({ length: Math.min(1_000, count - start) }, () => ({
      type: "order.created",
      payload: { sentAt: Date.now() },
    }));
    const answer = await client.request("POST", "/api/events/batch", { events });
    if (answer.status !== 202) throw new Error(`a batch was answered with ${answer.status}: ${answer.text}`);
  }
}
