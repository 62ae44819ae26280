import type { RedisClient } from "@triggers/runtime";

/**
 * Takes up to ARGV[2] of ARGV[1] tokens in a window that starts with its first token, and reads the organization's
 * epoch in the same round trip; fewer than ARGV[4] are none at all. Its writes stay out of the append-only file: a limiter that cost an fsync per request
 * would be the slowest part of ingestion, and all that a restart of Redis loses is a started window.
 */
const script = `
redis.set_repl(redis.REPL_NONE)
local limit, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local granted = math.max(0, math.min(wanted, limit - used))
if granted < tonumber(ARGV[4]) then granted = 0 end
if granted > 0 then
  used = redis.call('INCRBY', KEYS[1], granted)
  if used == granted then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
end
local ttl = redis.call('PTTL', KEYS[1])
local time = redis.call('TIME')
return {granted, math.max(0, limit - used), ttl, redis.call('GET', KEYS[2]) or '', time[1] * 1000 + math.floor(time[2] / 1000)}
`;

export interface TokenBlock {
  granted: number;
  /** Left for all processes after this block. */
  remaining: number;
  /** Until the window ends; negative while none has begun. */
  resetMs: number;
  epoch: string;
  redisTimeMs: number;
}

export type TakeTokens = (request: {
  tokensKey: string;
  epochKey: string;
  limit: number;
  wanted: number;
  windowMs: number;
  /** With fewer than these the asker cannot do anything: then it takes none. */
  atLeast?: number;
}) => Promise<TokenBlock>;

type TakeTokensCommand = (...args: (string | number)[]) => Promise<[number, number, number, string, number]>;

export function createTakeTokens(redis: RedisClient): TakeTokens {
  redis.defineCommand("takeTokens", { numberOfKeys: 2, lua: script });
  const command = (redis as unknown as { takeTokens: TakeTokensCommand }).takeTokens.bind(redis);
  return async ({ tokensKey, epochKey, limit, wanted, windowMs, atLeast = 0 }) => {
    const [granted, remaining, resetMs, epoch, redisTimeMs] = await command(
      tokensKey,
      epochKey,
      limit,
      wanted,
      windowMs,
      atLeast,
    );
    return { granted, remaining, resetMs, epoch, redisTimeMs };
  };
}
