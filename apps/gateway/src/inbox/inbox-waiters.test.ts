import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { DomainError } from "@triggers/domain";
import type { WakeUp } from "@triggers/queues";
import { createInboxWaiters, type InboxWaiters } from "./inbox-waiters.ts";

const never = new AbortController().signal;
const soon = { timeoutMs: 20, signal: never };
const late = { timeoutMs: 30_000, signal: never };

let feeds: Map<string, number>;
let questions: string[][];
let publish: (wakeUps: WakeUp[]) => void;
let restore: () => void;
let isOn: boolean;
let waiters: InboxWaiters;

function create(checkMs: number, maxPerOrganization = 5): InboxWaiters {
  [feeds, questions, isOn] = [new Map(), [], true];
  return createInboxWaiters({
    subscribe: ({ onWakeUps, onRestored }) => {
      [publish, restore] = [onWakeUps, onRestored];
      return { isOn: () => isOn, close: () => undefined };
    },
    readPositions: (ids) => {
      questions.push(ids);
      return Promise.resolve(new Map(ids.map((id) => [id, feeds.get(id) ?? 0])));
    },
    ...{ checkMs, maxPerOrganization },
  });
}

beforeEach(() => {
  waiters = create(60_000);
});
afterEach(() => waiters.drain());

describe("a message of a worker", () => {
  test("wakes those who wait for its organization, and nobody else", async () => {
    const [acme, other] = [waiters.watch("acme", "stream"), waiters.watch("other", "stream")];
    const woken = acme.wait(acme.mark(), late);
    const asleep = other.wait(other.mark(), soon);
    publish([{ organizationId: "acme", position: 3 }]);
    expect([await woken, await asleep]).toEqual(["woken", "timed_out"]);
    expect([acme.knownPosition(), other.knownPosition()]).toEqual([3, undefined]);
  });

  test("that comes between the read and the wait is not missed", async () => {
    const watch = waiters.watch("acme", "long_poll");
    const mark = watch.mark();
    publish([{ organizationId: "acme", position: 1 }]);
    expect(await watch.wait(mark, late)).toBe("woken");
    expect(await watch.wait(watch.mark(), soon)).toBe("timed_out");
  });

  test("that comes between waitForEvents and its await is not missed", async () => {
    const waiting = waiters.waitForEvents("acme", late);
    publish([{ organizationId: "acme" }]);
    expect(await waiting).toBe("woken");
    expect(waiters.counts()).toEqual({ long_poll: 0, stream: 0, lease: 0 });
  });

  test("may have been lost while the connection was away: then everybody wakes and no position is trusted", async () => {
    const watch = waiters.watch("acme", "stream");
    publish([{ organizationId: "acme", position: 9 }]);
    const waiting = watch.wait(watch.mark(), late);
    isOn = false;
    expect(watch.knownPosition()).toBeUndefined();
    restore();
    expect(await waiting).toBe("woken");
  });
});

describe("the check of the feeds' positions", () => {
  beforeEach(() => {
    waiters.drain();
    waiters = create(30);
  });

  test("wakes for a commit whose message was lost, with one question for all organizations", async () => {
    const watches = ["a", "b", "c"].map((id) => waiters.watch(id, "stream"));
    await Promise.all(watches.map((watch) => watch.wait(watch.mark(), late)));
    feeds.set("b", 5);
    const [, b] = watches;
    expect(await b?.wait(b.mark(), late)).toBe("woken");
    expect(b?.knownPosition()).toBe(5);
    expect(questions.every((ids) => ids.length === 3)).toBe(true);
    expect(await watches[0]?.wait(watches[0].mark(), soon)).toBe("timed_out");
  });

  test("wakes nobody again for what a message has told", async () => {
    const watch = waiters.watch("a", "stream");
    await watch.wait(watch.mark(), late);
    feeds.set("a", 2);
    publish([{ organizationId: "a", position: 2 }]);
    expect(await watch.wait(watch.mark(), { timeoutMs: 200, signal: never })).toBe("timed_out");
  });

  test("ends when nobody waits any more", async () => {
    const watch = waiters.watch("a", "stream");
    await watch.wait(watch.mark(), late);
    watch.end();
    const other = waiters.watch("b", "stream");
    while (questions.at(-1)?.includes("a")) await other.wait(other.mark(), soon);
    expect(questions.at(-1)).toEqual(["b"]);
  });
});

describe("a reader", () => {
  test("beyond the cap is refused with a time to come back, until another one leaves", () => {
    const watches = Array.from({ length: 5 }, () => waiters.watch("acme", "stream"));
    const refusal = () => {
      try {
        waiters.watch("acme", "long_poll").end();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(refusal()).toBeInstanceOf(DomainError);
    expect(refusal()).toMatchObject({
      code: "too_many_waiters",
      details: { headers: { "Retry-After": "5" } },
    });
    expect(() => waiters.watch("other", "stream")).not.toThrow();
    watches[0]?.end();
    watches[0]?.end();
    expect(refusal()).toBeUndefined();
    expect(waiters.counts()).toEqual({ long_poll: 0, stream: 5, lease: 0 });
  });

  test("who leaves, or whose gateway drains, waits no longer", async () => {
    const departure = new AbortController();
    const watch = waiters.watch("acme", "stream");
    const leaving = watch.wait(watch.mark(), { timeoutMs: 30_000, signal: departure.signal });
    departure.abort();
    expect(await leaving).toBe("timed_out");
    const staying = watch.wait(watch.mark(), late);
    waiters.drain();
    expect(await staying).toBe("timed_out");
    expect(await watch.wait(watch.mark(), late)).toBe("timed_out");
  });
});
