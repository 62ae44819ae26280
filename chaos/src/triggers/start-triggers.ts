import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createApiClient } from "@triggers/testing";
import { Redis } from "ioredis";
import { migrateDatabase } from "../../../infra/migrate-database.mjs";
import { type AppParts, createAppParts } from "../app-parts.ts";
import type { EventSystem, Part, Settings, SystemOptions, SystemUnderTest } from "../system.ts";
import { createPublishSender } from "./publish-request.ts";
import { readHeldEvents } from "./held-events.ts";
import { configureWebhook, listEvents, showEvent } from "./public-api.ts";
import { acknowledgeLease, followStream, leaseEvents } from "./readers-api.ts";
import { readTriggersWebhook } from "./read-webhook.ts";
import { createServerParts, type ServerParts } from "./server-parts.ts";
import { createStore } from "./store.ts";

/** What the load needs and production would choose otherwise; every timer keeps its default. */
const loadSettings = {
  LOG_LEVEL: "info",
  RATE_LIMIT_ENTERPRISE: "100000000",
  REDIS_PREFIX: "chaos",
} satisfies Settings;

const padding = "x".repeat(200);

const entryOf = (role: string) =>
  fileURLToPath(new URL(`../../../apps/${role}/src/main.ts`, import.meta.url));

/** The whole of this repository as processes, on a Redis and a Postgres of its own below the folder. */
export const triggersSystem: SystemUnderTest = {
  roles: ["gateway", "worker", "queue", "store"],
  start: startTriggers,
};

async function startTriggers(
  folders: { data: string; logs: string },
  options: SystemOptions,
): Promise<EventSystem> {
  mkdirSync(folders.data, { recursive: true });
  const servers = createServerParts(folders.data, options);
  const apps = createAppParts(entryOf, isReadyAt);
  const sender = createPublishSender();
  const stop = async () => {
    sender.close();
    await apps.stop(folders.logs);
    await servers.stop();
  };
  try {
    await servers.start("store");
    await servers.start("queue");
    await migrateDatabase({ node: process.execPath, env: process.env }, servers.urlOf("store"));
    const startApp = createAppStarter(apps, servers, options);
    await Promise.all([
      ...Array.from({ length: options.gateways }, () => startApp("gateway", {})),
      ...Array.from({ length: options.workers }, () => startApp("worker", {})),
    ]);
    return createSystem({ servers, apps, sender, startApp, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

const isReadyAt = (url: string): Promise<boolean> =>
  fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ status }) => status === 200,
    () => false,
  );

type StartAppPart = (role: "gateway" | "worker", settings: Settings) => Promise<Part>;

function createAppStarter(apps: AppParts, servers: ServerParts, options: SystemOptions): StartAppPart {
  const own = { gateway: options.gatewaySettings, worker: options.workerSettings };
  return (role, settings) =>
    apps.start(role, {
      ...loadSettings,
      DATABASE_URL: servers.urlOf("store"),
      REDIS_URL: servers.urlOf("queue"),
      ...own[role],
      ...settings,
    });
}

function createSystem(parts: {
  servers: ServerParts;
  apps: AppParts;
  sender: ReturnType<typeof createPublishSender>;
  startApp: StartAppPart;
  stop: () => Promise<void>;
}): EventSystem {
  const { servers, apps, sender, startApp, stop } = parts;
  const store = createStore(() => servers.urlOf("store"));
  const anyGateway = () => {
    const [gateway] = apps.running("gateway");
    if (!gateway) throw new Error("No gateway is running.");
    return gateway;
  };
  return {
    async createClient(webhook) {
      const { apiKey, organizationId } = await createApiClient(anyGateway().url);
      if (webhook) await configureWebhook(anyGateway().url, apiKey, webhook);
      return { id: organizationId, apiKey };
    },
    publish(client, { number, dedupId }, gateway) {
      const event = {
        type: "chaos.numbered",
        payload: { n: number, padding },
        ...(dedupId === undefined ? {} : { dedup_id: dedupId }),
      };
      return sender.send({ url: gateway.url, apiKey: client.apiKey, body: JSON.stringify(event) });
    },
    sendRaw: (client, headers, body, gateway) =>
      sender.sendRaw(gateway.url, { "x-api-key": client.apiKey, ...headers }, body),
    stored: (client) => store.events(client.id),
    list: (client, cursor) => listEvents(anyGateway().url, client.apiKey, cursor),
    follow: (client, cursor, onEvent) => followStream(anyGateway().url, client.apiKey, cursor, onEvent),
    lease: (client, limit) => leaseEvents(anyGateway().url, client.apiKey, limit),
    acknowledge: (client, lease) => acknowledgeLease(anyGateway().url, client.apiKey, lease),
    show: (client, id) => showEvent(anyGateway().url, client.apiKey, id),
    readWebhook: readTriggersWebhook,
    parts: (role) => (role === "queue" || role === "store" ? servers.parts(role) : apps.running(role)),
    start: (role, settings = {}) =>
      role === "queue" || role === "store" ? servers.start(role) : startApp(role, settings),
    signal(part, signal) {
      if (part.role === "queue" || part.role === "store") servers.signal(part, signal);
      else apps.signal(part, signal);
    },
    isReady: ({ url }) => isReadyAt(url),
    moveQueue: () => servers.move("queue"),
    holdReplicaBack: () => servers.holdReplicaBack(),
    async wipeQueue() {
      const redis = new Redis(servers.urlOf("queue"));
      await redis.flushall();
      redis.disconnect();
    },
    inHand: () => store.countClaims(),
    putAside: () => store.countDeadLetters(),
    held: () => readHeldEvents(servers.urlOf("queue"), loadSettings.REDIS_PREFIX),
    upgradeStore: () => store.addNextMigration(),
    crashes: () => apps.crashes(),
    stop,
  };
}
