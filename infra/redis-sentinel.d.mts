import type { Redis } from "./redis.mjs";

export interface SentinelGroup {
  /** `redis+sentinel://` with the password, the sentinels and the master's name. */
  url: string;
  password: string;
  /** The port of the server that the sentinels call the master. */
  masterPort(): Promise<number>;
  master(): Promise<Redis>;
  replica(): Promise<Redis>;
  /** Brings the server of this port back on its data; resolved when it follows the master. */
  restart(port: number): Promise<void>;
  stop(): Promise<void>;
}

/** A master, a replica and three sentinels on loopback ports, ready for a failover. */
export function startSentinelGroup(options: {
  dataDir: string;
  /** A server that is silent for so long is down. */
  downAfterMs?: number;
  settings?: Record<string, string>;
}): Promise<SentinelGroup>;
