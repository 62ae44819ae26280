import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createTestPrefix, eventually, testEnvironment } from "@triggers/testing";
import { Redis } from "ioredis";
import { createLimiter, epochKey, type Grant } from "./limiter.ts";
import { createTakeTokens, type TakeTokens } from "./take-tokens.ts";

let redis: Redis;
let prefix: string;
let calls: number;

beforeAll(() => {
  redis = new Redis(testEnvironment().redisUrl);
});
afterAll(() => redis.quit());
beforeEach(() => {
  prefix = createTestPrefix();
  calls = 0;
});

/** A process's limiter on the Redis that all share; its round trips are counted. */
function createProcess(options: { windowMs?: number; blockMs?: number } = {}) {
  const take = createTakeTokens(redis);
  const takeTokens: TakeTokens = (request) => {
    calls += 1;
    return take(request);
  };
  return asyncLimiter({ takeTokens, prefix, windowMs: 60_000, ...options });
}

/** Whether a grant is there at once or comes later is no matter here. */
function asyncLimiter(options: Parameters<typeof createLimiter>[0]) {
  const limiter = createLimiter(options);
  return { ...limiter, take: async (...args: Parameters<typeof limiter.take>) => limiter.take(...args) };
}
const granted = (grants: Grant[]) => grants.filter(({ outcome }) => outcome === "granted").length;
const epochOf = (grant: Grant) => (grant.outcome === "unknown" ? grant : grant.epoch);

describe("the shared limit", () => {
  test.each([1, 7, 100, 2_500])(
    "of %i is never exceeded and fully used by processes that race for it",
    async (limit) => {
      const processes = Array.from({ length: 4 }, () => createProcess());
      const rounds = Math.ceil(limit / 40) + 20;
      let total = 0;
      for (let round = 0; round < rounds; round++) {
        const takes = processes.flatMap((limiter) =>
          Array.from({ length: 10 }, () => limiter.take("publish", "org", limit)),
        );
        total += granted(await Promise.all(takes));
      }
      expect(total).toBe(limit);
    },
  );

  test("is each owner's and each budget's own", async () => {
    const limiter = createProcess();
    const takes = [
      limiter.take("publish", "a", 1),
      limiter.take("publish", "b", 1),
      limiter.take("api", "a", 1),
      limiter.take("publish", "a", 1),
    ];
    const outcomes = (await Promise.all(takes)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["granted", "granted", "granted", "refused"]);
  });

  test("says what remains over all processes and when the window ends", async () => {
    const [one, other] = [createProcess(), createProcess()];
    await one.take("publish", "org", 3);
    expect(await other.take("publish", "org", 3)).toMatchObject({
      outcome: "granted",
      limit: 3,
      remaining: 1,
    });
    await other.take("publish", "org", 3);
    const refused = await one.take("publish", "org", 3);
    expect(refused).toMatchObject({ outcome: "refused", remaining: 0, resetSeconds: 60 });
  });

  test("starts anew when its window has ended", async () => {
    const limiter = createProcess({ windowMs: 100 });
    await limiter.take("publish", "org", 1);
    expect((await limiter.take("publish", "org", 1)).outcome).toBe("refused");
    await eventually(async () => expect((await limiter.take("publish", "org", 1)).outcome).toBe("granted"));
  });
});

describe("a block of tokens", () => {
  test("serves a thousandth of the limit with one round trip", async () => {
    const limiter = createProcess({ blockMs: 60_000 });
    for (let n = 0; n < 200; n++) await limiter.take("publish", "org", 100_000);
    expect(calls).toBe(2);
  });

  test("serves all that came while another was under way", async () => {
    const limiter = createProcess();
    await Promise.all(Array.from({ length: 500 }, () => limiter.take("publish", "org", 1_000)));
    expect(calls).toBe(2);
  });

  test("without tokens refuses with one round trip, too", async () => {
    const limiter = createProcess({ blockMs: 60_000 });
    await limiter.take("publish", "org", 1);
    for (let n = 0; n < 100; n++) await limiter.take("publish", "org", 1);
    expect(calls).toBeLessThanOrEqual(2);
  });

  test("is used no longer than it may be, so that its epoch is never older", async () => {
    const limiter = createProcess({ blockMs: 50 });
    expect(epochOf(await limiter.take("publish", "org", 100_000))).toBe("");
    await redis.set(epochKey(prefix, "org"), "raised");
    await eventually(async () =>
      expect(epochOf(await limiter.take("publish", "org", 100_000))).toBe("raised"),
    );
    expect(calls).toBe(2);
  });

  test("that grew too old gives only its epoch back: its tokens are not lost", async () => {
    const limiter = createProcess({ blockMs: 0 });
    for (let n = 0; n < 100; n++) await limiter.take("publish", "org", 50_000);
    expect(calls).toBe(100);
    expect(Number(await redis.get(`${prefix}:{org}:publish`))).toBeLessThanOrEqual(150);
  });

  test("is never spent in the next window, where it would come on top of the limit", async () => {
    const limiter = createProcess({ windowMs: 100, blockMs: 60_000 });
    await limiter.take("publish", "org", 10_000);
    await eventually(async () => expect(await redis.exists(`${prefix}:{org}:publish`)).toBe(0));
    const grant = await limiter.take("publish", "org", 10_000);
    expect(grant).toMatchObject({ outcome: "granted", remaining: 9_999 });
    expect(calls).toBe(2);
  });
});

describe("many tokens at once", () => {
  test("are never more than the limit, whoever races for them, and what was refused is left to the others", async () => {
    const limit = 5_000;
    const processes = Array.from({ length: 4 }, () => createProcess());
    let total = 0;
    for (let round = 0; round < 40; round++) {
      const counts = processes.flatMap((limiter) => [
        limiter.takeAll("publish", "org", limit, 97).then(({ outcome }) => (outcome === "granted" ? 97 : 0)),
        ...[1, 2, 3].map(() =>
          limiter.take("publish", "org", limit).then(({ outcome }) => (outcome === "granted" ? 1 : 0)),
        ),
      ]);
      for (const count of await Promise.all(counts)) total += count;
    }
    // Too few for a batch may be left by now; single events use up every one of them.
    for (const limiter of processes) {
      for (let n = 0; n < 150; n++) {
        if ((await limiter.take("publish", "org", limit)).outcome === "granted") total += 1;
      }
    }
    expect(total).toBe(limit);
  });

  test("that do not fit cost none, wherever they are", async () => {
    const [one, other] = [createProcess(), createProcess()];
    await one.take("publish", "org", 10);
    expect(await one.takeAll("publish", "org", 10, 10)).toMatchObject({ outcome: "refused", remaining: 9 });
    expect(await other.takeAll("publish", "org", 10, 9)).toMatchObject({ outcome: "granted", remaining: 0 });
    expect((await one.take("publish", "org", 10)).outcome).toBe("refused");
  });

  test("come from the hand as far as it goes: a refusal puts them back, and the limit can be taken whole", async () => {
    const limiter = createProcess({ blockMs: 60_000 });
    await limiter.take("publish", "org", 3_000);
    expect(calls).toBe(1);
    expect(await limiter.takeAll("publish", "org", 3_000, 3_000)).toMatchObject({
      outcome: "refused",
      remaining: 2_999,
    });
    expect((await limiter.takeAll("publish", "org", 3_000, 2)).outcome).toBe("granted");
    expect(calls).toBe(2);
    expect(await limiter.takeAll("publish", "org", 3_000, 2_997)).toMatchObject({
      outcome: "granted",
      remaining: 0,
    });
  });

  test("are unknown without Redis", async () => {
    const takeTokens: TakeTokens = () => Promise.reject(new Error("away"));
    const limiter = asyncLimiter({ takeTokens, prefix, windowMs: 60_000 });
    expect((await limiter.takeAll("publish", "org", 100, 5)).outcome).toBe("unknown");
  });
});

describe("without Redis", () => {
  test("every waiting request is told so, and the next one asks again", async () => {
    let isAway = true;
    const take = createTakeTokens(redis);
    const takeTokens: TakeTokens = (request) => (isAway ? Promise.reject(new Error("away")) : take(request));
    const limiter = asyncLimiter({ takeTokens, prefix, windowMs: 60_000 });
    const grants = await Promise.all([1, 2, 3].map(() => limiter.take("publish", "org", 100)));
    expect(grants.map(({ outcome }) => outcome)).toEqual(["unknown", "unknown", "unknown"]);
    isAway = false;
    expect((await limiter.take("publish", "org", 100)).outcome).toBe("granted");
  });
});
