import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis as RedisClient } from "ioredis";
import { startRedis } from "../infra/redis.mjs";

/** A Redis that a test may empty, fill or kill. */
export async function startOwnRedis(): Promise<{ url: string; client: RedisClient; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), "triggers-redis-"));
  const redis = await startRedis({ dataDir });
  const client = new RedisClient(redis.url);
  return {
    url: redis.url,
    client,
    async stop() {
      client.disconnect();
      await redis.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
