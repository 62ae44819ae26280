import type { QueueOptions } from "bullmq";
import type { Redis } from "ioredis";

/**
 * A producer that fails fast and recovers: waiting for readiness would hang while Redis is away at the start, and the
 * version check would leave the queue broken for ever after it. The braces keep all queues in one hash slot. Nobody
 * reads BullMQ's event stream, so it is kept short.
 */
export function queueOptions(client: Redis, prefix: string): QueueOptions {
  return {
    connection: client,
    prefix: `{${prefix}}`,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    streams: { events: { maxLen: 100 } },
  };
}
