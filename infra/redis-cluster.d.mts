import type { Redis } from "./redis.mjs";

export interface RedisCluster {
  /** `redis+cluster://` with the password and every master. */
  url: string;
  password: string;
  masters: readonly Redis[];
  /** Brings one back that was killed, on its data and its port. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis Cluster on loopback ports: masters without replicas, each with the same part of the slots. */
export function startRedisCluster(options: {
  dataDir: string;
  /** Three unless said otherwise; fewer are no cluster. */
  masters?: number;
  settings?: Record<string, string>;
}): Promise<RedisCluster>;

/** Writes the password that `startRedis` will find in the folder. */
export function sharePassword(folder: string, password: string): void;
