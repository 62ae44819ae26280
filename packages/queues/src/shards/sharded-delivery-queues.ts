import type { DeliveryQueues } from "../delivery-queues.ts";
import { groupByPart } from "./shards.ts";

/** The jobs of an endpoint are in one shard, beside its window and its gate: a job's id is unique there and so anywhere. */
export function createShardedDeliveryQueues(shards: readonly DeliveryQueues[]): DeliveryQueues {
  const endpointOf = ({ endpointId }: { endpointId: string }) => endpointId;
  return {
    async enqueue(deliveries) {
      const groups = groupByPart(shards, deliveries, endpointOf);
      await Promise.all(groups.map(({ part, items }) => part.enqueue(items)));
    },
    async enqueueRequested(deliveries) {
      const groups = groupByPart(shards, deliveries, endpointOf);
      await Promise.all(groups.map(({ part, items }) => part.enqueueRequested(items)));
    },
    async close() {
      await Promise.all(shards.map((shard) => shard.close()));
    },
  };
}
