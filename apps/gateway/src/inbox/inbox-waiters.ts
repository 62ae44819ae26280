import { DomainError } from "@triggers/domain";
import type { subscribeToWakeUps, WakeUp, WakeUpSubscription } from "@triggers/queues";
import { createSharedTimer } from "@triggers/runtime";

export type ReaderKind = "long_poll" | "stream" | "lease";

/** `timed_out` also when the signal aborts and when the gateway drains. */
export type WaitOutcome = "woken" | "timed_out";

export interface WaitOptions {
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * One reader's eye on an organization's feed. Take the mark, *then* read, then wait with that mark: what is committed
 * between the read and the wait ends the wait at once.
 */
export interface InboxWatch {
  mark(): number;
  /** Up to here all is committed, and nothing beyond it is known of; undefined while messages may be lost. */
  knownPosition(): number | undefined;
  wait(mark: number, options: WaitOptions): Promise<WaitOutcome>;
  /** Frees the reader's place. */
  end(): void;
}

export interface InboxWaiters {
  /** @throws {DomainError} `too_many_waiters` */
  watch(organizationId: string, kind: ReaderKind): InboxWatch;
  /** For one wait. Call it *before* reading and await it after an empty read, else a commit in between is missed. */
  waitForEvents(organizationId: string, options: WaitOptions): Promise<WaitOutcome>;
  /** How many readers there are now. */
  counts(): Record<ReaderKind, number>;
  /** Aborts when the gateway begins to drain. */
  draining: AbortSignal;
  /** Ends every wait, those to come too. */
  drain(): void;
  stop(): void;
}

interface Options {
  /** Called at the first waiter. */
  subscribe: (listener: Parameters<typeof subscribeToWakeUps>[2]) => WakeUpSubscription;
  /** The feeds' last positions; an organization without events may be missing. */
  readPositions: (organizationIds: string[]) => Promise<Map<string, number>>;
  checkMs: number;
  maxPerOrganization: number;
}

interface Feed {
  /** Rises with everything that wakes. */
  version: number;
  position: number | undefined;
  wakes: Set<() => void>;
  watches: number;
  checksWithoutWatch: number;
}

/** A feed stays known for some checks after its last watch: a reader who polls in a loop comes back at once. */
const checksToForget = 2;

/**
 * Wakes readers when something was committed for their organization. The workers' messages make it fast and may be lost;
 * one statement every `checkMs`, for all organizations that are watched, makes it certain. No wait holds a connection,
 * and all of them share one timer.
 */
export function createInboxWaiters(options: Options): InboxWaiters {
  const feeds = new Map<string, Feed>();
  const counts: Record<ReaderKind, number> = { long_poll: 0, stream: 0, lease: 0 };
  const timer = createSharedTimer();
  let subscription: WakeUpSubscription | undefined;
  let cancelCheck: (() => void) | undefined;
  const draining = new AbortController();
  const isDraining = () => draining.signal.aborted;

  function wake(feed: Feed) {
    feed.version += 1;
    for (const wakeOne of [...feed.wakes]) wakeOne();
  }

  function onWakeUps(wakeUps: WakeUp[]) {
    for (const { organizationId, position } of wakeUps) {
      const feed = feeds.get(organizationId);
      if (!feed) continue;
      if (position !== undefined) feed.position = Math.max(position, feed.position ?? 0);
      wake(feed);
    }
  }

  async function check() {
    cancelCheck = undefined;
    for (const [id, feed] of feeds) {
      feed.checksWithoutWatch = feed.watches > 0 ? 0 : feed.checksWithoutWatch + 1;
      if (feed.checksWithoutWatch > checksToForget) feeds.delete(id);
    }
    const asked = [...feeds].map(([id, feed]) => ({ id, feed, version: feed.version }));
    if (asked.length > 0) {
      // Without Postgres there is nothing to wake for; the next check finds what came meanwhile.
      const positions = await options.readPositions(asked.map(({ id }) => id)).catch(() => undefined);
      for (const { id, feed, version } of positions ? asked : []) {
        const position = positions?.get(id) ?? 0;
        // A feed that woke meanwhile may be further than this answer.
        if (feed.version !== version || feed.position === position) continue;
        feed.position = position;
        wake(feed);
      }
    }
    scheduleCheck();
  }

  function scheduleCheck() {
    if (cancelCheck || feeds.size === 0 || isDraining()) return;
    cancelCheck = timer.after(options.checkMs, () => void check());
  }

  function feedOf(organizationId: string): Feed {
    subscription ??= options.subscribe({ onWakeUps, onRestored: () => feeds.forEach(wake) });
    let feed = feeds.get(organizationId);
    if (!feed) {
      feed = { version: 0, position: undefined, wakes: new Set(), watches: 0, checksWithoutWatch: 0 };
      feeds.set(organizationId, feed);
    }
    scheduleCheck();
    return feed;
  }

  function wait(feed: Feed, mark: number, { timeoutMs, signal }: WaitOptions): Promise<WaitOutcome> {
    if (isDraining() || signal.aborted) return Promise.resolve("timed_out");
    if (feed.version !== mark) return Promise.resolve("woken");
    return new Promise((resolve) => {
      const settle = (outcome: WaitOutcome) => {
        feed.wakes.delete(wakeUp);
        cancel();
        signal.removeEventListener("abort", giveUp);
        resolve(outcome);
      };
      const wakeUp = () => settle(isDraining() ? "timed_out" : "woken");
      const giveUp = () => settle("timed_out");
      const cancel = timer.after(timeoutMs, giveUp);
      feed.wakes.add(wakeUp);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  function watch(organizationId: string, kind: ReaderKind): InboxWatch {
    const feed = feedOf(organizationId);
    if (feed.watches >= options.maxPerOrganization) {
      throw new DomainError(
        "too_many_waiters",
        `${feed.watches} readers of this organization wait already; no more may wait here at once.`,
        { headers: { "Retry-After": "5" } },
      );
    }
    feed.watches += 1;
    counts[kind] += 1;
    let hasEnded = false;
    return {
      mark: () => feed.version,
      knownPosition: () => (subscription?.isOn() ? feed.position : undefined),
      wait: (mark, waitOptions) => wait(feed, mark, waitOptions),
      end() {
        if (hasEnded) return;
        hasEnded = true;
        feed.watches -= 1;
        counts[kind] -= 1;
      },
    };
  }

  return {
    watch,
    async waitForEvents(organizationId, waitOptions) {
      const own = watch(organizationId, "lease");
      try {
        return await own.wait(own.mark(), waitOptions);
      } finally {
        own.end();
      }
    },
    counts: () => ({ ...counts }),
    draining: draining.signal,
    drain() {
      draining.abort();
      cancelCheck?.();
      feeds.forEach(wake);
    },
    stop: () => subscription?.close(),
  };
}
