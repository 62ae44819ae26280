import { createDatabase, type Database } from "@triggers/db";
import { createId, createSecretBox, createSigningSecret } from "@triggers/domain";
import {
  createDeliveryQueues,
  createEventQueue,
  type DeliveryQueues,
  type EventQueue,
} from "@triggers/queues";
import type { LogFields, Logger } from "@triggers/runtime";
import { createTestDatabase, createTestPrefix, testEnvironment } from "@triggers/testing";
import { Redis } from "ioredis";

/** The key that seals what `insertEndpoint` stores. */
export const secretBox = createSecretBox([Buffer.alloc(32, 7)]);

/** What the worker's parts are made of, on a database and a key prefix of the test file's own. */
export interface WorkerParts {
  databaseUrl: string;
  db: Database;
  redis: Redis;
  prefix: string;
  eventQueue: EventQueue;
  deliveryQueues: DeliveryQueues;
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
  return {
    databaseUrl: database.url,
    db,
    redis,
    prefix,
    eventQueue,
    deliveryQueues,
    logger: { error: write, warn: write, info: write, debug: write },
    log,
    async stop() {
      await eventQueue.close();
      await deliveryQueues.close();
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
