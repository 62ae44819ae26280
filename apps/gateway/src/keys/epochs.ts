import { randomUUID } from "node:crypto";
import type { PublishWakeUps } from "@triggers/queues";
import type { RedisClient } from "@triggers/runtime";
import { epochKey } from "../limits/limiter.ts";

/** Makes every process read the organization's keys again within half a second. */
export type RaiseEpoch = (organizationId: string) => Promise<void>;

/** A random value rather than a counter: a Redis that lost its data cannot come back to a value that was used before. */
export function createRaiseEpoch(
  redis: RedisClient,
  prefix: string,
  publishWakeUps: PublishWakeUps,
): RaiseEpoch {
  return async (organizationId) => {
    await redis.set(epochKey(prefix, organizationId), randomUUID());
    // Streams that nothing else would wake must look at their key now.
    publishWakeUps([{ organizationId }]);
  };
}
