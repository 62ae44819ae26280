import { DomainError } from "@triggers/domain";
import type { RedisClient } from "@triggers/runtime";
import { LRUCache } from "lru-cache";

/**
 * How many keys an organization's dedup window holds: a counter for each 24th of the window. Adds ARGV[3] to the one of
 * this moment, drops those that have left the window, and returns the sum.
 */
const script = `
local windowMs, buckets, added = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local bucket = math.floor((time[1] * 1000 + time[2] / 1000) / (windowMs / buckets))
if added > 0 then
  redis.call('HINCRBY', KEYS[1], string.format('%d', bucket), added)
  redis.call('PEXPIRE', KEYS[1], windowMs * 2)
end
local sum, fields = 0, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  if tonumber(fields[i]) < bucket - buckets then redis.call('HDEL', KEYS[1], fields[i])
  else sum = sum + tonumber(fields[i + 1]) end
end
return sum
`;

const buckets = 24;

export interface DedupWindow {
  /** Throws `dedup_window_full` when the organization's window holds as many keys as it may. */
  requireRoom(organizationId: string): void;
  /** A key was added. */
  count(organizationId: string): void;
}

interface Account {
  /** Of all processes, when last asked. */
  counted: number;
  unreported: number;
  reportedAt: number;
  isReporting: boolean;
}

/**
 * Counts the keys of each organization over all processes without a round trip of its own on any request: a process
 * reports a thousandth of the cap at once, or what it has after `reportMs`, and learns the sum on that occasion; nobody
 * waits for it. So the cap may be passed by a thousandth for each process and by what the others add in `reportMs`; a
 * key counts up to a 24th of the window longer than it lives. The counters are as durable as the keys.
 */
export function createDedupWindow(options: {
  redis: RedisClient;
  prefix: string;
  windowMs: number;
  maxKeys: number;
  reportMs?: number;
}): DedupWindow {
  const { redis, prefix, windowMs, maxKeys, reportMs = 60_000 } = options;
  redis.defineCommand("countDedupKeys", { numberOfKeys: 1, lua: script });
  const report = (
    redis as unknown as { countDedupKeys: (...args: (string | number)[]) => Promise<number> }
  ).countDedupKeys.bind(redis);
  const accounts = new LRUCache<string, Account>({ max: 50_000 });
  const reportAt = Math.max(1, Math.floor(maxKeys / 1_000));

  function accountOf(organizationId: string): Account {
    let account = accounts.get(organizationId);
    if (!account) {
      account = { counted: 0, unreported: 0, reportedAt: -Infinity, isReporting: false };
      accounts.set(organizationId, account);
    }
    return account;
  }

  function reportWhenDue(organizationId: string, account: Account) {
    const isOld = performance.now() - account.reportedAt >= reportMs;
    if (account.isReporting || (!isOld && account.unreported < reportAt)) return;
    const added = account.unreported;
    account.isReporting = true;
    report(`${prefix}:{${organizationId}}:dedup-keys`, windowMs, buckets, added)
      .then(
        (sum) => {
          account.counted = sum;
          account.unreported -= added;
        },
        // Reported the next time; should this report have arrived, its keys count twice for a while.
        () => undefined,
      )
      .finally(() => {
        account.reportedAt = performance.now();
        account.isReporting = false;
      });
  }

  return {
    requireRoom(organizationId) {
      const account = accountOf(organizationId);
      reportWhenDue(organizationId, account);
      if (account.counted + account.unreported < maxKeys) return;
      const retryAfterSeconds = Math.max(1, Math.ceil(windowMs / buckets / 1_000));
      throw new DomainError(
        "dedup_window_full",
        `The organization's dedup window holds ${maxKeys} keys; events without dedup_id and Idempotency-Key are accepted.`,
        { headers: { "Retry-After": String(retryAfterSeconds) } },
      );
    },
    count(organizationId) {
      const account = accountOf(organizationId);
      account.unreported += 1;
      reportWhenDue(organizationId, account);
    },
  };
}
