import { Cluster, type Redis } from "ioredis";

/** One Redis, standalone or the master of the moment behind Sentinels, or a Cluster: the commands are the same. */
export type RedisClient = Redis | Cluster;

/** Who has to be asked what only a server can tell of itself: a Cluster's masters, each of them. */
export function mastersOf(redis: RedisClient): Redis[] {
  return redis instanceof Cluster ? redis.nodes("master") : [redis];
}

/** The very connection over which commands with this key go at this moment. Throws when there is none. */
export function connectionOf(redis: RedisClient, key: string): Redis {
  if (!(redis instanceof Cluster)) return redis;
  const [address] = redis.slots[slotOf(key)] ?? [];
  const node = mastersOf(redis).find(({ options }) => `${options.host}:${options.port}` === address);
  if (!node) throw new Error("no master of the cluster is known for this key");
  return node;
}

/** The hash slot of a key: CRC-16/XMODEM of what stands between its first braces, if anything does. */
export function slotOf(key: string): number {
  const tag = /\{([^}]+)\}/.exec(key)?.[1] ?? key;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return crc & 0x3fff;
}
