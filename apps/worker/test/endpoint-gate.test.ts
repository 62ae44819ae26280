import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { createId } from "@triggers/domain";
import { createTestPrefix, eventually, testEnvironment } from "@triggers/testing";
import { Redis } from "ioredis";
import { createEndpointGate, type EndpointGate, type Entry } from "../src/gate/endpoint-gate.ts";
import {
  createGateCommands,
  type EntryRequest,
  type PostOutcome,
  type Refusal,
} from "../src/gate/gate-commands.ts";

const redis = new Redis(testEnvironment().redisUrl);
const rule = { failures: 4, timeouts: 2, openMs: 300, maxOpenMs: 1_000 };
let prefix: string;
let endpointId: string;
let refused: Refusal[];
let gates: EndpointGate[] = [];

beforeEach(() => {
  prefix = createTestPrefix();
  endpointId = createId();
  refused = [];
});

afterEach(() => {
  for (const gate of gates) gate.stop();
  gates = [];
});

afterAll(() => {
  redis.disconnect();
});

/** As another process would have it. */
function openGate(concurrency = 100, client = redis): EndpointGate {
  const gate = createEndpointGate({
    commands: createGateCommands(client, prefix, rule),
    concurrency: { first: concurrency, retry: concurrency },
    holdMs: 900,
    onRefused: (reason) => refused.push(reason),
    onError: () => undefined,
  });
  gates.push(gate);
  return gate;
}

/** One in a hurry: its jobs go back to the queue rather than wait. */
const openBusyGate = () => openGate(1);

const request = (more: Partial<EntryRequest> = {}): EntryRequest => ({
  ...{ endpointId, token: createId(), jobId: createId() },
  ...{ maxInFlight: 10, ratePerSecond: null, ...more },
});

const enter = (gate: EndpointGate, more: Partial<EntryRequest> = {}) => gate.enter("first", request(more));

type Entered = Extract<Entry, { outcome: "entered" }>;

async function enterNow(gate: EndpointGate, more: Partial<EntryRequest> = {}): Promise<Entered> {
  const entry = await enter(gate, more);
  if (entry.outcome === "refused") throw new Error(`refused: ${entry.reason}`);
  return entry;
}

/** Enters however often it takes, as a job does that is put off. */
async function enterAtLast(gate: EndpointGate, wanted: EntryRequest): Promise<Entered> {
  for (;;) {
    const entry = await gate.enter("first", wanted);
    if (entry.outcome === "entered") return entry;
    await pause(entry.waitMs);
  }
}

const leaveWith = (entry: Entered, outcome: PostOutcome, askedMs = 0) =>
  entry.leave({ outcome, durationMs: 5, askedMs });

async function attempt(gate: EndpointGate, outcome: PostOutcome, askedMs = 0): Promise<void> {
  await leaveWith(await enterNow(gate), outcome, askedMs);
}

describe("the slots of an endpoint", () => {
  test("are never exceeded over two processes, and every request gets one in the end", async () => {
    const both = [openGate(), openGate()] as const;
    let [atOnce, most] = [0, 0];
    await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const entry = await enterAtLast(both[index % 2 === 0 ? 0 : 1], request({ maxInFlight: 3 }));
        atOnce += 1;
        most = Math.max(most, atOnce);
        await pause(5);
        atOnce -= 1;
        await leaveWith(entry, "success");
      }),
    );
    expect({ atOnce, most }).toEqual({ atOnce: 0, most: 3 });
  });

  test("are kept while their holder lives, and come back soon when it has died", async () => {
    const holder = openGate();
    await enterNow(holder, { maxInFlight: 1 });
    const other = openBusyGate();
    const endsAt = performance.now() + 2_500;
    while (performance.now() < endsAt) {
      expect(await enter(other, { maxInFlight: 1 })).toMatchObject({ outcome: "refused", reason: "full" });
      await pause(100);
    }
    holder.stop();
    await eventually(() => enterNow(other, { maxInFlight: 1 }));
  });

  test("go to the next in line within one process, without going back to the queue", async () => {
    const gate = openGate();
    const first = await enterNow(gate, { maxInFlight: 1 });
    const second = enter(gate, { maxInFlight: 1 });
    await leaveWith(first, "success");
    expect((await second).outcome).toBe("entered");
    expect(refused).toEqual([]);
  });

  test("are asked for the more seldom the longer nothing has moved", async () => {
    const gate = openGate();
    await enterNow(gate, { maxInFlight: 1 });
    const waits: number[] = [];
    for (let time = 0; time < 3; time += 1) {
      const entry = await enterAtMost(gate);
      waits.push(entry);
      await pause(entry);
    }
    // Doubling, whatever the jitter.
    expect(waits[2]).toBeGreaterThan(1.5 * (waits[0] ?? 0));

    async function enterAtMost(of: EndpointGate): Promise<number> {
      const entry = await enter(of, { maxInFlight: 1 });
      return entry.outcome === "refused" ? entry.waitMs : 0;
    }
  });

  test("are down to one after a timeout, until an answer comes", async () => {
    const gate = openGate();
    await attempt(gate, "timeout");
    const probe = await enterNow(gate);
    expect((await enter(gate)).outcome).toBe("refused");
    await leaveWith(probe, "success");
    await Promise.all([enterNow(gate), enterNow(gate), enterNow(gate)]);
  });
});

describe("the rate of an endpoint", () => {
  test("is never exceeded in any second over two processes, and is used", async () => {
    const both = [openGate(), openGate()] as const;
    const sentAt: number[] = [];
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: 45 }, async (_, index) => {
        const entry = await enterAtLast(both[index % 2 === 0 ? 0 : 1], request({ ratePerSecond: 15 }));
        sentAt.push(performance.now());
        await leaveWith(entry, "success");
      }),
    );
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(1_950);
    expect(tookMs).toBeLessThan(6_000);
    const score = await redis.zcard(`{${prefix}}:gate:${endpointId}:sent`);
    expect(score).toBeLessThanOrEqual(15);
    // By this process' clock, which sees each answer a little late.
    for (const from of sentAt)
      expect(sentAt.filter((at) => at >= from && at < from + 950).length).toBeLessThanOrEqual(15);
  });

  test("sends each one that is refused away once, to a time of its own", async () => {
    const gate = openGate();
    const waits: number[] = [];
    for (let index = 0; index < 6; index += 1) {
      const entry = await enter(openBusyGate(), { ratePerSecond: 1 });
      if (entry.outcome === "refused") waits.push(entry.waitMs);
    }
    expect(waits.length).toBe(5);
    const gaps = waits.slice(1).map((wait, index) => wait - (waits[index] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThan(500);
    expect((await enter(gate, { endpointId: createId(), ratePerSecond: 1 })).outcome).toBe("entered");
  });
});

describe("the breaker of an endpoint", () => {
  async function open(gate: EndpointGate): Promise<void> {
    for (let time = 0; time < rule.failures; time += 1) await attempt(gate, "failure");
  }

  test("opens after failures in a row, for every process, and says for how long", async () => {
    const gate = openGate();
    await open(gate);
    expect(gate.closedMs(endpointId)).toBeGreaterThan(0);
    const entry = await enter(openGate());
    expect(entry).toMatchObject({ outcome: "refused", reason: "breaker" });
    expect(await createGateCommands(redis, prefix, rule).countOpenBreakers()).toBe(1);
  });

  test("opens after fewer timeouts, and not when successes or interruptions lie between", async () => {
    const gate = openGate();
    await attempt(gate, "timeout");
    await attempt(gate, "interrupted");
    await attempt(gate, "timeout");
    expect((await enter(gate)).outcome).toBe("refused");

    endpointId = createId();
    for (let time = 0; time < 3; time += 1) {
      for (let failure = 1; failure < rule.failures; failure += 1) await attempt(gate, "failure");
      await attempt(gate, "success");
    }
    for (let time = 0; time < 10; time += 1) await attempt(gate, "interrupted");
    expect((await enter(gate)).outcome).toBe("entered");
  });

  test("lets one through when the rest is over; its failure doubles the rest, its success ends it", async () => {
    const gate = openGate();
    await open(gate);
    const probe = await enterAtLast(gate, request());
    const others = await Promise.all([openGate(), openGate(), openGate()].map((other) => enter(other)));
    expect(others.map(({ outcome }) => outcome)).toEqual(["refused", "refused", "refused"]);
    await leaveWith(probe, "failure");
    const again = await enter(openGate());
    expect(again).toMatchObject({ outcome: "refused", reason: "breaker" });
    // Twice 300 ms less the jitter.
    expect("waitMs" in again ? again.waitMs : 0).toBeGreaterThan(420);

    await leaveWith(await enterAtLast(gate, request()), "success");
    await Promise.all([attempt(openGate(), "success"), attempt(openGate(), "success")]);
    expect(await createGateCommands(redis, prefix, rule).countOpenBreakers()).toBe(0);
  });

  test("never rests longer than the longest, however often it fails", async () => {
    const gate = openGate();
    await open(gate);
    for (let time = 0; time < 3; time += 1) await leaveWith(await enterAtLast(gate, request()), "failure");
    const entry = await enter(openGate());
    expect("waitMs" in entry ? entry.waitMs : Infinity).toBeLessThanOrEqual(rule.maxOpenMs * 1.2 * 1.25);
  });

  test("gives the next one the probe when the one before died with it", async () => {
    const gate = openGate();
    await open(gate);
    await enterAtLast(gate, request());
    gate.stop();
    await eventually(async () => expect((await enter(openGate())).outcome).toBe("entered"));
  });

  test("gives an endpoint the rest that it asks for", async () => {
    const gate = openGate();
    await attempt(gate, "failure", 600);
    const entry = await enter(openGate());
    expect(entry).toMatchObject({ outcome: "refused", reason: "breaker" });
    expect("waitMs" in entry ? entry.waitMs : 0).toBeGreaterThan(300);
    await leaveWith(await enterAtLast(gate, request()), "success");
    await attempt(openGate(), "success");
  });
});

test("endpoints that take long leave half of a process to the others", async () => {
  const gate = openGate(10);
  const slow = await Promise.all(Array.from({ length: 6 }, () => enterNow(gate)));
  await pause(1_100);
  expect(await enter(gate)).toMatchObject({ outcome: "refused", reason: "crowded" });
  expect((await enter(gate, { endpointId: createId() })).outcome).toBe("entered");
  for (const entry of slow) await leaveWith(entry, "success");
  expect((await enter(gate)).outcome).toBe("entered");
});

test("nobody enters while Redis is away", async () => {
  const away = new Redis({ port: 1, lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  away.on("error", () => undefined);
  await expect(enter(openGate(100, away))).rejects.toThrow();
  away.disconnect();
});

test("all that it keeps in Redis runs out by itself", async () => {
  const gate = openGate();
  for (let time = 0; time < rule.failures; time += 1)
    await leaveWith(await enterNow(gate, { ratePerSecond: 5 }), "failure");
  endpointId = createId();
  await enterNow(gate, { ratePerSecond: 1 });
  await enter(openGate(), { ratePerSecond: 1 });
  const keys = await redis.keys(`{${prefix}}*`);
  expect(keys.length).toBeGreaterThanOrEqual(6);
  for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
});

test("a slot that goes from one to the next within a process counts their successes between failures", async () => {
  const gate = openGate();
  for (let time = 0; time < 3 * rule.failures; time += 1) {
    const first = await enterNow(gate, { maxInFlight: 1 });
    const second = enter(gate, { maxInFlight: 1 });
    await leaveWith(first, "success");
    const entry = await second;
    if (entry.outcome === "refused") throw new Error(`refused: ${entry.reason}`);
    await leaveWith(entry, "failure");
  }
  expect(gate.closedMs(endpointId)).toBe(0);
});

test("a process with a long line does not keep its slots from the others", async () => {
  const [busy, other] = [openGate(), openGate()];
  let isDone = false;
  const working = Array.from({ length: 20 }, async () => {
    while (!isDone) {
      const entry = await enterAtLast(busy, request({ maxInFlight: 1 }));
      await pause(2);
      await leaveWith(entry, "success");
    }
  });
  await leaveWith(await enterAtLast(other, request({ maxInFlight: 1 })), "success");
  isDone = true;
  await Promise.all(working);
});

test("a burst at an endpoint that was idle for long waits in line and is not sent away", async () => {
  const gate = openGate();
  await attempt(gate, "success");
  await pause(700);
  const entries = Array.from({ length: 30 }, async () => {
    const entry = await enterNow(gate);
    await leaveWith(entry, "success");
  });
  await Promise.all(entries);
  expect(refused).toEqual([]);
});
