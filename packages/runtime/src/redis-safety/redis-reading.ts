import type { Redis } from "ioredis";

/** What a Redis says of how it keeps what it is given; undefined where it does not tell. */
export interface RedisReading {
  appendOnly: string | undefined;
  appendFsync: string | undefined;
  noFsyncOnRewrite: string | undefined;
  evictionPolicy: string | undefined;
  isLastWriteOk: boolean | undefined;
  replicas: number | undefined;
  /** Redis' clock. */
  timeMs: number;
}

/**
 * Asks a Redis. Many managed ones refuse `CONFIG`, some `INFO`: what can be told otherwise is taken from there, the rest
 * stays unknown. Rejects only when Redis did not answer.
 */
export async function readRedis(redis: Redis): Promise<RedisReading> {
  const setting = (name: string) =>
    redis.config("GET", name).then((pair) => (pair as string[])[1], refused<string | undefined>(undefined));
  const [time, text, appendOnly, appendFsync, noFsyncOnRewrite, evictionPolicy] = await Promise.all([
    redis.time(),
    redis.info().catch(refused("")),
    setting("appendonly"),
    setting("appendfsync"),
    setting("no-appendfsync-on-rewrite"),
    setting("maxmemory-policy"),
  ]);
  const info = parseInfo(text);
  const aofEnabled = info.get("aof_enabled");
  const lastWrite = info.get("aof_last_write_status");
  const replicas = info.get("connected_slaves");
  return {
    // The file may have been turned on a moment ago and not be in use yet: what is enabled counts more than what is set.
    appendOnly: aofEnabled === undefined ? appendOnly : aofEnabled === "1" ? "yes" : "no",
    appendFsync,
    noFsyncOnRewrite,
    evictionPolicy: evictionPolicy ?? info.get("maxmemory_policy"),
    isLastWriteOk: lastWrite === undefined ? undefined : lastWrite === "ok",
    replicas: replicas === undefined ? undefined : Number(replicas),
    timeMs: Number(time[0]) * 1_000 + Number(time[1]) / 1_000,
  };
}

/** The lines `name:value` of an answer to INFO. */
export function parseInfo(text: string): Map<string, string> {
  const pairs = text.split("\r\n").map((line) => line.split(":", 2));
  return new Map(pairs.flatMap(([name, value]) => (name && value !== undefined ? [[name, value]] : [])));
}

/** An answer that says no is an answer; a connection that was lost is none. */
function refused<T>(instead: T): (error: Error) => T {
  return (error) => {
    if (error.name === "ReplyError") return instead;
    throw error;
  };
}
