import { queueNames } from "@triggers/domain";
import type { RedisClient } from "@triggers/runtime";
import { Queue } from "bullmq";
import { queueOptions } from "../queue-options.ts";
import { createQueueStats } from "../queue-stats.ts";
import { testQueueName } from "../test-queue.ts";
import { registeredShards, shardCountKey } from "./register-shards.ts";
import { createShardedQueueStats } from "./sharded-queue-stats.ts";
import { shardPrefixes } from "./shards.ts";

export type ChangedShards = { outcome: "changed"; from: number } | { outcome: "not_empty"; events: number };

/**
 * Registers another number of shards while no process runs. Events wait in Redis alone, so there may be none; all other
 * jobs go, and the sweeper makes them anew from Postgres. The registration comes last: a crash before it leaves the old
 * number, and queues that fill up again.
 */
export async function changeShards(
  redis: RedisClient,
  prefix: string,
  count: number,
): Promise<ChangedShards> {
  const from = await registeredShards(redis, prefix, count);
  if (from === count) return { outcome: "changed", from };
  const shards = shardPrefixes(prefix, from);
  const reader = createShardedQueueStats(shards.map((shard) => createQueueStats(redis, shard, Date.now)));
  const events = (await reader.read()).find(({ name }) => name === queueNames.events);
  await reader.close();
  const left = (events?.depth ?? 0) + (events?.failed ?? 0);
  if (left > 0) return { outcome: "not_empty", events: left };
  for (const shard of shards) {
    for (const name of [...Object.values(queueNames), testQueueName]) {
      const queue = new Queue(name, queueOptions(redis, shard));
      queue.on("error", () => undefined);
      await queue.obliterate({ force: true });
      await queue.close();
    }
  }
  await redis.set(shardCountKey(prefix), String(count));
  return { outcome: "changed", from };
}
