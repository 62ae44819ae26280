import { createCachedRead } from "@triggers/runtime";
import type { Redis } from "ioredis";

/** Beyond it delivery jobs wait in Postgres: Redis' memory is for the events that are not stored yet. */
const maxShare = 0.7;

/** Whether Redis has used up its share for delivery jobs; asked at most once a second. Never without a `maxmemory`. */
export function createMemoryWatch(redis: Redis): () => Promise<boolean> {
  return createCachedRead(async () => {
    const info = await redis.info("memory");
    const bytesOf = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
    const maxBytes = bytesOf("maxmemory");
    return maxBytes > 0 && bytesOf("used_memory") > maxBytes * maxShare;
  }, 1_000);
}
