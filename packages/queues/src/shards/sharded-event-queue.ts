import type { EnqueueResult, EventQueue } from "../event-queue.ts";
import { groupByPart, partOf } from "./shards.ts";

/**
 * One queue out of several in hash slots of their own. An organization's events, and with them its dedup window, are in
 * one of them for ever; those of different organizations have no order between them.
 */
export function createShardedEventQueue(shards: readonly EventQueue[]): EventQueue {
  const [only, ...others] = shards;
  if (only && others.length === 0) return only;
  return {
    enqueue: (id, job, ...rest) => partOf(shards, job.org).enqueue(id, job, ...rest),
    async enqueueMany(events) {
      const results: EnqueueResult[] = [];
      const groups = groupByPart(shards, events, ({ job }) => job.org);
      await Promise.all(
        groups.map(async ({ part, items, indexes }) => {
          const given = await part.enqueueMany(items);
          given.forEach((result, n) => (results[indexes[n] ?? 0] = result));
        }),
      );
      return results;
    },
    async find(id, organizationId) {
      if (organizationId !== undefined) return partOf(shards, organizationId).find(id);
      const found = await Promise.all(shards.map((shard) => shard.find(id)));
      return found.find((data) => data !== undefined);
    },
    replace: (id, job) => partOf(shards, job.org).replace(id, job),
    depth: () => sumOf(shards, (shard) => shard.depth()),
    requeueFailed: (limit) => sumOf(shards, (shard) => shard.requeueFailed(limit)),
    async close() {
      await Promise.all(shards.map((shard) => shard.close()));
    },
  };
}

async function sumOf(
  shards: readonly EventQueue[],
  count: (shard: EventQueue) => Promise<number>,
): Promise<number> {
  const counts = await Promise.all(shards.map(count));
  return counts.reduce((sum, number) => sum + number, 0);
}
