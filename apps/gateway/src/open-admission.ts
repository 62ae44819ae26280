import type { EventQueue } from "@triggers/queues";
import { createRedisMemory } from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import type { GatewayConfig } from "./config.ts";
import { createFairShares } from "./events/fair-shares.ts";
import { createQueueDepth } from "./events/queue-depth.ts";
import { createDedupWindow } from "./limits/dedup-window.ts";

/** How full the system may become: the queue, Redis' memory, each organization's share and its dedup window. */
export function openAdmission(options: { config: GatewayConfig; redis: RedisClient; queue: EventQueue }) {
  const { config, redis, queue } = options;
  const memory = createRedisMemory(redis);
  return {
    queueDepth: createQueueDepth({
      readDepth: () => queue.depth(),
      usedMemoryShare: () => memory.usedShare(),
      maxDepth: config.MAX_QUEUE_DEPTH,
      backlogFrom: config.FAIR_SHARE_BACKLOG,
    }),
    fairShares: createFairShares(),
    dedupWindow: createDedupWindow({
      redis,
      prefix: config.REDIS_PREFIX,
      windowMs: config.DEDUP_WINDOW_SECONDS * 1_000,
      maxKeys: config.MAX_DEDUP_KEYS_PER_ORG,
    }),
  };
}
