import type { Queue, QueueOptions } from "bullmq";
import type { RedisClient } from "@triggers/runtime";

/**
 * A producer that fails fast and recovers: waiting for readiness would hang while Redis is away at the start, and the
 * version check would leave the queue broken for ever after it. The braces keep all queues in one hash slot.
 */
export function queueOptions(client: RedisClient, prefix: string): QueueOptions {
  return {
    connection: client,
    prefix: `{${prefix}}`,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    // Written by `shortenEventStream`, since at this moment there may be no connection to write it with.
    skipMetasUpdate: true,
  };
}

/** Nobody reads the stream that BullMQ writes of every job's states, so it is kept short: it would hold 10 000 entries. */
export function shortenEventStream(client: RedisClient, queue: Queue): void {
  const shorten = () => {
    client.hset(queue.toKey("meta"), "opts.maxLenEvents", 100).catch(() => {
      // The next connection does it; until then only memory is lost.
    });
  };
  if (client.status === "ready") shorten();
  client.on("ready", shorten);
}
