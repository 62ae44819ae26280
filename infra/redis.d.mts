export interface Redis {
  /** With the password. */
  url: string;
  port: number;
  pid: number;
  /** Sends a signal to the server and does not wait; a server that is gone is fine. */
  kill: (signal: NodeJS.Signals) => void;
  /** Ends whatever server runs on this folder now; resolves when it has ended. The data stays. */
  stop: () => Promise<void>;
}

export interface RedisOptions {
  /** Made when it is missing. */
  dataDir: string;
  /** Else the port of the last time if it is free, else any. */
  port?: number;
  /** Directives that replace those of redis.conf, such as `{ maxmemory: "32mb" }`. */
  settings?: Record<string, string>;
}

/**
 * A private Redis on 127.0.0.1 with the directives of redis.conf, ready for commands. It runs in a session of its own
 * and outlives this process; one that runs on the same folder already is taken over. After `kill("SIGKILL")` call it
 * again with the same folder and port.
 */
export function startRedis(options: RedisOptions): Promise<Redis>;

/** A Redis Sentinel on 127.0.0.1, without a password of its own, with these lines in its configuration. */
export function startSentinel(options: {
  dataDir: string;
  lines: readonly string[];
}): Promise<Omit<Redis, "url">>;
