import type { QueueStats, QueueStatsReader } from "../queue-stats.ts";

/** Each logical queue over all its shards. */
export function createShardedQueueStats(shards: readonly QueueStatsReader[]): QueueStatsReader {
  return {
    async read() {
      const [first = [], ...others] = await Promise.all(shards.map((shard) => shard.read()));
      return others.reduce((sums, stats) => sums.map((sum) => add(sum, stats)), first);
    },
    async close() {
      await Promise.all(shards.map((shard) => shard.close()));
    },
  };
}

function add(sum: QueueStats, stats: readonly QueueStats[]): QueueStats {
  const more = stats.find(({ name }) => name === sum.name);
  if (!more) return sum;
  const ages = [sum.oldestWaitingMs, more.oldestWaitingMs].filter((age) => age !== null);
  return {
    name: sum.name,
    waiting: sum.waiting + more.waiting,
    prioritized: sum.prioritized + more.prioritized,
    active: sum.active + more.active,
    delayed: sum.delayed + more.delayed,
    failed: sum.failed + more.failed,
    depth: sum.depth + more.depth,
    oldestWaitingMs: ages.length === 0 ? null : Math.max(...ages),
  };
}
