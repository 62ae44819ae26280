import { createDatabase, type Database } from "@triggers/db";
import { createId, createSecretBox, createSigningSecret } from "@triggers/domain";
import {
  createDeliveryQueues,
  createEventQueue,
  createReplayQueue,
  createWakeUpPublisher,
  type DeliveryQueues,
  type EventQueue,
  type PublishWakeUps,
  type ReplayQueue,
} from "@triggers/queues";
import type { LogFields, Logger } from "@triggers/runtime";
import { createTestDatabase, createTestPrefix, testEnvironment } from "@triggers/testing";
import { Redis } from "ioredis";
import { type Announcer, createAnnouncer } from "../src/announce/announcer.ts";
import { nowhere } from "../src/fault-points.ts";
import { createEndpointGate, type EndpointGate } from "../src/gate/endpoint-gate.ts";
import { createGateCommands } from "../src/gate/gate-commands.ts";
import { createDeliveryWindow, type DeliveryWindow } from "../src/window/delivery-window.ts";
import { createWindowCommands } from "../src/window/window-commands.ts";

/** The key that seals what `insertEndpoint` stores. */
export const secretBox = createSecretBox([Buffer.alloc(32, 7)]);

/** Short, and soon. */
export const breakerRule = { failures: 20, timeouts: 5, openMs: 300, maxOpenMs: 2_000 };

/** What the worker's parts are made of, on a database and a key prefix of the test file's own. */
export interface WorkerParts {
  databaseUrl: string;
  db: Database;
  redis: Redis;
  prefix: string;
  eventQueue: EventQueue;
  deliveryQueues: DeliveryQueues;
  publishWakeUps: PublishWakeUps;
  replayQueue: ReplayQueue;
  window: DeliveryWindow;
  announcer: Announcer;
  gate: EndpointGate;
  /** Keeps what is logged. */
  logger: Logger;
  log: { message: string; fields: LogFields }[];
  stop(): Promise<void>;
}

export async function createWorkerParts(): Promise<WorkerParts> {
  const database = await createTestDatabase();
  const log: WorkerParts["log"] = [];
  const write = (message: string, fields: LogFields = {}) => void log.push({ message, fields });
  const db = createDatabase({
    url: database.url,
    applicationName: "tests",
    maxConnections: 5,
    onConnectionError: (error) => write("postgres connection failed", { error }),
  });
  // A consumer's connection must wait for ever; the others may share it here.
  const redis = new Redis(testEnvironment().redisUrl, { maxRetriesPerRequest: null });
  const prefix = createTestPrefix();
  const eventQueue = createEventQueue(redis, prefix);
  const deliveryQueues = createDeliveryQueues(redis, prefix);
  const replayQueue = createReplayQueue(redis, prefix);
  const logger: Logger = { error: write, warn: write, info: write, debug: write };
  const window = createDeliveryWindow({
    at: nowhere,
    ...{ db, deliveryQueues, logger },
    commands: createWindowCommands(redis, prefix),
    isMemoryShort: () => false,
    horizonMs: 60_000,
  });
  const announcer = createAnnouncer({ db, eventQueue, logger, at: nowhere });
  const gate = createEndpointGate({
    commands: createGateCommands(redis, prefix, breakerRule),
    concurrency: { first: 100, retry: 100 },
    onRefused: () => undefined,
    onError: (error) => write("the gate failed", { error }),
  });
  return {
    databaseUrl: database.url,
    db,
    redis,
    prefix,
    eventQueue,
    deliveryQueues,
    publishWakeUps: createWakeUpPublisher(redis, prefix),
    replayQueue,
    window,
    announcer,
    gate,
    logger,
    log,
    async stop() {
      await window.close();
      await announcer.settle();
      gate.stop();
      await eventQueue.close();
      await deliveryQueues.close();
      await replayQueue.close();
      redis.disconnect();
      await db.destroy();
      await database.drop();
    },
  };
}

export async function insertOrganization(db: Database): Promise<string> {
  const id = createId();
  await db.insertInto("organizations").values({ id, name: "Acme", tier: "free" }).execute();
  return id;
}

export async function insertEndpoint(
  db: Database,
  organizationId: string,
  url = "http://127.0.0.1:9/",
): Promise<string> {
  const id = createId();
  const sealed = secretBox.seal(createSigningSecret(), id);
  await db
    .insertInto("endpoints")
    .values({ id, organization_id: organizationId, url, sealed_secret: sealed })
    .execute();
  return id;
}
