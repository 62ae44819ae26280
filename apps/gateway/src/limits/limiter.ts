import { LRUCache } from "lru-cache";
import type { TakeTokens, TokenBlock } from "./take-tokens.ts";

/** What a request may spend: `publish` is the tier, `api` ten times that for every other keyed route. */
export type Budget = "publish" | "api" | "signup";

/** `unknown`: Redis did not answer; the epoch is then unknown too. */
export type Grant =
  | {
      outcome: "granted" | "refused";
      limit: number;
      remaining: number;
      resetSeconds: number;
      /** Undefined where this process counts alone. */
      epoch: string | undefined;
    }
  | { outcome: "unknown"; cause: unknown };

export interface Limiter {
  /** Takes one token. `owner` is an organization's id, or what a signup is counted by. */
  take(budget: Budget, owner: string, limit: number): Grant | Promise<Grant>;
  /**
   * Takes `count` tokens or none: what is refused leaves them all to smaller requests, on this process and on others.
   * The tokens in hand are used first.
   */
  takeAll(budget: Budget, owner: string, limit: number, count: number): Promise<Grant>;
}

interface Options {
  takeTokens: TakeTokens;
  prefix: string;
  windowMs: number;
  /** How long a block, and the epoch that came with it, may be used. */
  blockMs?: number;
  onRedisTime?: (redisTimeMs: number) => void;
}

interface Account {
  tokens: number;
  block: TokenBlock | undefined;
  fetchedAt: number;
  waiting: ((grant: Grant) => void)[];
  isFetching: boolean;
}

/**
 * A fixed window shared by all processes. Each process takes tokens in blocks of a thousandth of the limit, counted
 * when taken, so that the limit is never exceeded and most requests cost no round trip. Requests that come while a
 * block is under way are served by it as far as it goes, and share the next one.
 */
export function createLimiter({
  takeTokens,
  prefix,
  windowMs,
  blockMs = 500,
  onRedisTime,
}: Options): Limiter {
  const accounts = new LRUCache<string, Account>({ max: 50_000 });

  async function fetchBlock(account: Account, budget: Budget, owner: string, limit: number) {
    account.isFetching = true;
    const startedAt = performance.now();
    if (startedAt - account.fetchedAt >= (account.block?.resetMs ?? 0)) account.tokens = 0;
    try {
      const block = await takeTokens({
        ...keysOf(budget, owner),
        limit,
        wanted: Math.max(0, Math.max(account.waiting.length, Math.floor(limit / 1_000), 1) - account.tokens),
        windowMs,
      });
      onRedisTime?.(block.redisTimeMs);
      // Tokens that were taken in the same window stay good: only their epoch was too old.
      account.tokens = block.granted + (isSameWindow(account.block, block) ? account.tokens : 0);
      account.block = block;
      // Counted from the question, not the answer: the epoch may have changed in between.
      account.fetchedAt = startedAt;
      const served = block.remaining === 0 ? account.waiting.length : account.tokens;
      for (const resolve of account.waiting.splice(0, served)) resolve(spend(account, block, limit));
    } catch (cause) {
      account.block = undefined;
      for (const resolve of account.waiting.splice(0)) resolve({ outcome: "unknown", cause });
    } finally {
      account.isFetching = false;
      if (account.waiting.length > 0) void fetchBlock(account, budget, owner, limit);
    }
  }

  function keysOf(budget: Budget, owner: string) {
    return { tokensKey: `${prefix}:{${owner}}:${budget}`, epochKey: epochKey(prefix, owner) };
  }

  /** Tokens of a window that has ended meanwhile are worth nothing any more. */
  function putBack(account: Account, from: TokenBlock | undefined, tokens: number) {
    if (account.block && isSameWindow(from, account.block)) account.tokens += tokens;
  }

  function isSameWindow(before: TokenBlock | undefined, now: TokenBlock): boolean {
    const endOf = (block: TokenBlock) => block.redisTimeMs + block.resetMs;
    return before !== undefined && Math.abs(endOf(before) - endOf(now)) < windowMs / 2;
  }

  function spend(account: Account, block: TokenBlock, limit: number): Grant {
    const isGranted = account.tokens > 0;
    if (isGranted) account.tokens -= 1;
    return grantOf(isGranted, account, block, limit, account.fetchedAt);
  }

  function grantOf(
    isGranted: boolean,
    account: Account,
    block: TokenBlock,
    limit: number,
    fetchedAt: number,
  ): Grant {
    const leftMs = block.resetMs < 0 ? windowMs : block.resetMs - (performance.now() - fetchedAt);
    return {
      outcome: isGranted ? "granted" : "refused",
      limit,
      remaining: block.remaining + account.tokens,
      resetSeconds: Math.max(1, Math.ceil(leftMs / 1_000)),
      epoch: block.epoch,
    };
  }

  function accountOf(budget: Budget, owner: string, limit: number): Account {
    const key = `${budget}:${owner}:${limit}`;
    let account = accounts.get(key);
    if (!account) {
      account = { tokens: 0, block: undefined, fetchedAt: 0, waiting: [], isFetching: false };
      accounts.set(key, account);
    }
    return account;
  }

  /**
   * A block without tokens is good too: the window has none left until it ends. Nothing outlives its window: tokens
   * that were counted in the last one would come on top of the next one's.
   */
  function usableBlock(account: Account): TokenBlock | undefined {
    const { block } = account;
    if (!block || account.isFetching) return undefined;
    const ageMs = performance.now() - account.fetchedAt;
    const isFresh = ageMs < Math.min(blockMs, block.resetMs);
    return isFresh && (account.tokens > 0 || block.remaining === 0) ? block : undefined;
  }

  return {
    take(budget, owner, limit) {
      const account = accountOf(budget, owner, limit);
      const block = usableBlock(account);
      if (block) return spend(account, block, limit);
      return new Promise((resolve) => {
        account.waiting.push(resolve);
        if (!account.isFetching) void fetchBlock(account, budget, owner, limit);
      });
    },
    async takeAll(budget, owner, limit, count) {
      const account = accountOf(budget, owner, limit);
      const blockInHand = usableBlock(account);
      const fromHand = blockInHand ? Math.min(account.tokens, count) : 0;
      account.tokens -= fromHand;
      const wanted = count - fromHand;
      if (blockInHand && wanted === 0) {
        return grantOf(true, account, blockInHand, limit, account.fetchedAt);
      }
      const startedAt = performance.now();
      const request = { ...keysOf(budget, owner), limit, wanted, windowMs, atLeast: wanted };
      try {
        const block = await takeTokens(request);
        onRedisTime?.(block.redisTimeMs);
        const isGranted = block.granted === wanted;
        if (!isGranted) putBack(account, blockInHand, fromHand);
        return grantOf(isGranted, account, block, limit, startedAt);
      } catch (cause) {
        putBack(account, blockInHand, fromHand);
        return { outcome: "unknown", cause };
      }
    },
  };
}

export function epochKey(prefix: string, organizationId: string): string {
  return `${prefix}:{${organizationId}}:epoch`;
}
