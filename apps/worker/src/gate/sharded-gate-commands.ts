import { partOf } from "@triggers/queues";
import type { GateCommands } from "./gate-commands.ts";

/** An endpoint's gate is in the shard of its jobs. */
export function createShardedGateCommands(shards: readonly GateCommands[]): GateCommands {
  return {
    enter: (request, holdMs) => partOf(shards, request.endpointId).enter(request, holdMs),
    renew: (endpointId, tokens, holdMs) => partOf(shards, endpointId).renew(endpointId, tokens, holdMs),
    leave: (report) => partOf(shards, report.endpointId).leave(report),
    async countOpenBreakers() {
      const counts = await Promise.all(shards.map((shard) => shard.countOpenBreakers()));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}
