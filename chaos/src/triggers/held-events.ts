import { Redis } from "ioredis";
import type { HeldEvent } from "../system.ts";

const queues = ["events", "deliveries", "retries"];

/**
 * The jobs in BullMQ's `active` lists. A job's lock is its worker's token: the worker's own id, and a number for each
 * loop of it. A dead worker's locks stay until they run out.
 */
export async function readHeldEvents(redisUrl: string, prefix: string): Promise<HeldEvent[]> {
  const redis = new Redis(redisUrl);
  redis.on("error", () => undefined);
  try {
    const held = await Promise.all(queues.map((queue) => readQueue(redis, queue, `{${prefix}}:${queue}`)));
    return held.flat();
  } finally {
    redis.disconnect();
  }
}

async function readQueue(redis: Redis, queue: string, key: string): Promise<HeldEvent[]> {
  const ids = await redis.lrange(`${key}:active`, 0, -1);
  if (ids.length === 0) return [];
  const [tokens, data] = await Promise.all([
    redis.mget(ids.map((id) => `${key}:${id}:lock`)),
    Promise.all(ids.map((id) => redis.hget(`${key}:${id}`, "data"))),
  ]);
  return ids.flatMap((id, index) => {
    const [token, text] = [tokens[index], data[index]];
    if (!token || !text) return []; // ended in between
    const eventId = queue === "events" ? id : (JSON.parse(text) as { e: string }).e;
    return [{ id: eventId, job: `${queue} ${id}`, holder: token.split(":")[0] ?? token }];
  });
}
