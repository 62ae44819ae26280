import { queueNames } from "@triggers/domain";
import type { RedisClient } from "@triggers/runtime";

const begin = `
redis.set_repl(redis.REPL_REPLICA)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local size = redis.call('ZCARD', KEYS[1])
`;

/**
 * Keys: window, mark, lock of the refill, debt of the organization, what the names of the jobs' keys begin with. Answers for
 * each member {0} no room, {1} new in it, {2} in it already, and stays so, {3} in a worker's hand. That worker alone knows
 * when it ends: a place that somebody else gave it meanwhile would outlive it.
 */
const reserveScript = `${begin}
local limit, ttl, isRefill = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local isOpen = isRefill or redis.call('EXISTS', KEYS[2]) == 0
local places, added, refused = {}, 0, 0
for i = 7, #ARGV do
  local place = 0
  if redis.call('EXISTS', KEYS[5] .. ARGV[i] .. ':lock') == 1 then place = 3
  elseif redis.call('ZSCORE', KEYS[1], ARGV[i]) then place = 2
  elseif isOpen and size + added < limit then
    added = added + 1
    place = 1
  end
  if place == 0 then refused = refused + 1
  elseif place < 3 then redis.call('ZADD', KEYS[1], now + ttl, ARGV[i]) end
  places[i - 6] = place
end
if isRefill then
  redis.call('DEL', KEYS[3])
  if refused == 0 and redis.call('GET', KEYS[2]) == ARGV[4] then redis.call('DEL', KEYS[2]) end
end
if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
local debt = math.max(0, tonumber(redis.call('GET', KEYS[4]) or '0') - now)
if added > 0 then
  local after = math.min(debt + added * tonumber(ARGV[5]), tonumber(ARGV[6]))
  if after >= 1 then redis.call('SET', KEYS[4], now + math.floor(after), 'PX', math.floor(after)) end
end
return {math.floor(debt), places}
`;

/**
 * Keys: window, mark, lock of the refill, what the names of the jobs' keys begin with. Changes how long places last, takes
 * those out that last no longer, or on demand those that have no job, and has one asker at a time refill it: {may refill,
 * mark}. Arguments: limit, has parked, is forced, looks for jobs, then pairs of time and member.
 */
const askRefillScript = `${begin}
for i = 5, #ARGV, 2 do
  local ttl = tonumber(ARGV[i])
  if ttl > 0 then redis.call('ZADD', KEYS[1], 'XX', now + ttl, ARGV[i + 1])
  else size = size - redis.call('ZREM', KEYS[1], ARGV[i + 1]) end
end
if ARGV[4] == '1' then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if redis.call('EXISTS', KEYS[4] .. member) == 0 then size = size - redis.call('ZREM', KEYS[1], member) end
  end
end
if ARGV[2] == '1' then
  redis.call('INCR', KEYS[2])
  redis.call('PEXPIRE', KEYS[2], 3600000)
end
local mark = redis.call('GET', KEYS[2])
if not mark then return {0, ''} end
local isDue = ARGV[3] == '1' or size <= tonumber(ARGV[1]) / 2
return {isDue and redis.call('SET', KEYS[3], '1', 'NX', 'PX', 2000) and 1 or 0, mark}
`;

/** The jobs that one endpoint has in Redis, of one kind. */
export interface WindowKeys {
  organizationId: string;
  endpointId: string;
  parkedAs: "first" | "retry";
}

/** `held`: it was in the window before. `taken`: a worker has its job in hand, and it needs none. */
export type Place = "none" | "new" | "held" | "taken";

export interface RefillOrder {
  /** False too while another refills, and while the window is more than half full. */
  mayRefill: boolean;
  /** Changes whenever something was parked; empty while nothing is. */
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
      /** Out of the backlog, which others may not overtake; ends what `askRefill` began, and the mark if nothing is refused. */
      refill?: { clearsMark: string };
      costMs: number;
      maxDebtMs: number;
    },
  ): Promise<{ places: Place[]; debtMs: number }>;
  /** Who may refill must: others are told that they may not until `reserve`, or for two seconds. */
  askRefill(
    keys: WindowKeys,
    request: {
      limit: number;
      /** For how long jobs keep their places, if they have any, from now on; 0 for those that have ended. */
      places?: ReadonlyMap<string, number>;
      /** Something was parked, or is. */
      hasParked?: boolean;
      /** However full the window is. */
      isForced?: boolean;
      /** Places without jobs are free: a Redis that was started again may have windows as they were at a rewrite of its file. */
      looksForJobs?: boolean;
    },
  ): Promise<RefillOrder>;
}

const placeNames = ["none", "new", "held", "taken"] as const satisfies Place[];

interface Commands {
  reserveInWindow(...args: (string | number)[]): Promise<[number, number[]]>;
  askRefillOfWindow(...args: (string | number)[]): Promise<[number, string]>;
}

const noChanges: ReadonlyMap<string, number> = new Map();

/**
 * What a restart of Redis takes from a window, the next sweeps bring back: nothing here is worth an fsync. Replicas get it
 * all the same: after a failover, what was in a window when the replica was made would fill it for three minutes.
 */
export function createWindowCommands(redis: RedisClient, prefix: string): WindowCommands {
  redis.defineCommand("reserveInWindow", { numberOfKeys: 5, lua: reserveScript });
  redis.defineCommand("askRefillOfWindow", { numberOfKeys: 4, lua: askRefillScript });
  const commands = redis as unknown as Commands;
  const keysOf = ({ endpointId, parkedAs }: WindowKeys) => {
    const window = `{${prefix}}:window:${endpointId}:${parkedAs}`;
    return [window, `${window}:mark`, `${window}:refill`] as const;
  };
  const jobsOf = ({ parkedAs }: WindowKeys) =>
    `{${prefix}}:${parkedAs === "first" ? queueNames.deliveries : queueNames.retries}:`;
  return {
    async reserve(keys, { limit, jobIds, ttlMs, refill, costMs, maxDebtMs }) {
      const [debtMs, places] = await commands.reserveInWindow(
        ...keysOf(keys),
        `{${prefix}}:debt:${keys.organizationId}:${keys.parkedAs}`,
        jobsOf(keys),
        limit,
        Math.ceil(ttlMs),
        refill ? 1 : 0,
        refill?.clearsMark ?? "",
        costMs,
        maxDebtMs,
        ...jobIds,
      );
      return { debtMs, places: places.map((place) => placeNames[place] ?? "none") };
    },
    async askRefill(keys, { limit, places = noChanges, ...request }) {
      const { hasParked = false, isForced = false, looksForJobs = false } = request;
      const [mayRefill, mark] = await commands.askRefillOfWindow(
        ...keysOf(keys),
        jobsOf(keys),
        ...[limit, hasParked ? 1 : 0, isForced ? 1 : 0, looksForJobs ? 1 : 0],
        ...[...places].flatMap(([jobId, ttlMs]) => [Math.ceil(ttlMs), jobId]),
      );
      return { mayRefill: mayRefill === 1, mark };
    },
  };
}
