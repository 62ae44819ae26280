import { partOf } from "@triggers/queues";
import type { WindowCommands } from "./window-commands.ts";

/**
 * An endpoint's windows are in the shard of its jobs. So is its organization's debt, once in each shard: it is about the
 * order of jobs within one queue.
 */
export function createShardedWindowCommands(shards: readonly WindowCommands[]): WindowCommands {
  return {
    reserve: (keys, request) => partOf(shards, keys.endpointId).reserve(keys, request),
    askRefill: (keys, request) => partOf(shards, keys.endpointId).askRefill(keys, request),
  };
}
