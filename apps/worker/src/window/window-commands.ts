import type { RedisClient } from "@triggers/runtime";

const begin = `
redis.set_repl(redis.REPL_REPLICA)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local size = redis.call('ZCARD', KEYS[1])
`;

/** Keys: window, mark, lock of the refill, debt of the organization. Members that are in it already stay in it. */
const reserveScript = `${begin}
local limit, ttl, isRefill = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
if isRefill then
  redis.call('DEL', KEYS[3])
  if ARGV[4] ~= '' and redis.call('GET', KEYS[2]) == ARGV[4] then redis.call('DEL', KEYS[2]) end
end
local isOpen = isRefill or redis.call('EXISTS', KEYS[2]) == 0
local admitted, added = {}, 0
for i = 7, #ARGV do
  local isIn = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if not isIn and isOpen and size + added < limit then
    added = added + 1
    isIn = true
  end
  if isIn then redis.call('ZADD', KEYS[1], now + ttl, ARGV[i]) end
  admitted[i - 6] = isIn and 1 or 0
end
if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
local debt = math.max(0, tonumber(redis.call('GET', KEYS[4]) or '0') - now)
if added > 0 then
  local after = math.min(debt + added * tonumber(ARGV[5]), tonumber(ARGV[6]))
  if after >= 1 then redis.call('SET', KEYS[4], now + math.floor(after), 'PX', math.floor(after)) end
end
return {math.floor(debt), admitted}
`;

/** Keys: window, mark, lock of the refill. Takes members out and says how many parked ones may come in: to one asker at a time. */
const askRoomScript = `${begin}
for i = 3, #ARGV do size = size - redis.call('ZREM', KEYS[1], ARGV[i]) end
if ARGV[2] == '1' then
  redis.call('INCR', KEYS[2])
  redis.call('PEXPIRE', KEYS[2], 3600000)
end
local mark = redis.call('GET', KEYS[2])
local limit = tonumber(ARGV[1])
if not mark or size > limit / 2 or not redis.call('SET', KEYS[3], '1', 'NX', 'PX', 5000) then return {0, ''} end
return {limit - size, mark}
`;

/** The jobs that one endpoint has in Redis, of one kind. */
export interface WindowKeys {
  organizationId: string;
  endpointId: string;
  parkedAs: "first" | "retry";
}

export interface Room {
  /** 0 too while another refills, and while nothing is parked. */
  room: number;
  /** Changes whenever something was parked. */
  mark: string;
}

export interface WindowCommands {
  /** Which of the jobs are in the window now, and how far its organization was ahead of its share before them. */
  reserve(
    keys: WindowKeys,
    request: {
      limit: number;
      jobIds: readonly string[];
      ttlMs: number;
      /** Out of the backlog, which others may not overtake; ends what `askRoom` began. */
      refill?: { clearsMark: string };
      costMs: number;
      maxDebtMs: number;
    },
  ): Promise<{ admitted: boolean[]; debtMs: number }>;
  /** Who gets room must refill: others are told that there is none until `reserve`, or for five seconds. */
  askRoom(
    keys: WindowKeys,
    request: { limit: number; endedJobIds: readonly string[]; hasParked: boolean },
  ): Promise<Room>;
}

interface Commands {
  reserveInWindow(...args: (string | number)[]): Promise<[number, number[]]>;
  askRoomInWindow(...args: (string | number)[]): Promise<[number, string]>;
}

/**
 * What a restart of Redis takes from a window, the next sweeps bring back: nothing here is worth an fsync. Replicas get it
 * all the same: after a failover, what was in a window when the replica was made would fill it for three minutes.
 */
export function createWindowCommands(redis: RedisClient, prefix: string): WindowCommands {
  redis.defineCommand("reserveInWindow", { numberOfKeys: 4, lua: reserveScript });
  redis.defineCommand("askRoomInWindow", { numberOfKeys: 3, lua: askRoomScript });
  const commands = redis as unknown as Commands;
  const keysOf = ({ endpointId, parkedAs }: WindowKeys) => {
    const window = `{${prefix}}:window:${endpointId}:${parkedAs}`;
    return [window, `${window}:mark`, `${window}:refill`] as const;
  };
  return {
    async reserve(keys, { limit, jobIds, ttlMs, refill, costMs, maxDebtMs }) {
      const [debtMs, admitted] = await commands.reserveInWindow(
        ...keysOf(keys),
        `{${prefix}}:debt:${keys.organizationId}:${keys.parkedAs}`,
        limit,
        Math.ceil(ttlMs),
        refill ? 1 : 0,
        refill?.clearsMark ?? "",
        costMs,
        maxDebtMs,
        ...jobIds,
      );
      return { debtMs, admitted: admitted.map((flag) => flag === 1) };
    },
    async askRoom(keys, { limit, endedJobIds, hasParked }) {
      const [room, mark] = await commands.askRoomInWindow(
        ...keysOf(keys),
        limit,
        hasParked ? 1 : 0,
        ...endedJobIds,
      );
      return { room, mark };
    },
  };
}
