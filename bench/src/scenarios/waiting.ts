import { setTimeout as pause } from "node:timers/promises";
import { type ApiClient, createApiClient, createTestDatabase } from "@triggers/testing";
import { cpuSecondsOf } from "../cpu-time.ts";
import type { BenchOptions } from "../options.ts";
import { readCommits } from "../read-commits.ts";
import type { Scenario } from "../scenario.ts";
import { eventBody } from "../sample-event.ts";
import { prefixOf, startDrainWorker, startIngestServer } from "../servers.ts";
import type { Stack } from "../stack.ts";
import { format, percentile } from "../statistics.ts";
import { openWaitingReaders } from "../waiting-readers.ts";

interface WaitingRun {
  p50: number;
  p99: number;
  max: number;
  /** Of one core. */
  idleCpuPercent: number;
  /** Postgres counts each statement of the gateway as one. */
  idleCommitsPerSecond: number;
  cpuMsPerWake: number;
  /** Of gateway and worker, and of the publishing clients' keys. */
  commitsPerWake: number;
}

const columns: [keyof WaitingRun, number][] = [
  ["p50", 1],
  ["p99", 1],
  ["max", 1],
  ["idleCpuPercent", 2],
  ["idleCommitsPerSecond", 2],
  ["cpuMsPerWake", 0],
  ["commitsPerWake", 1],
];
const heading = [
  ...["readers", "p50 ms", "p99 ms", "max ms"],
  ...["idle CPU %", "idle commits/s", "CPU ms/wake", "commits/wake"],
];
const variants = [
  { name: "2 of one organization", readers: 2, organizations: 1 },
  { name: "1000 of one organization", readers: 1_000, organizations: 1 },
  { name: "1000 of 20 organizations", readers: 1_000, organizations: 20 },
];

/** Readers, half of them streams and half long-polls, wait on one gateway. */
export async function measureWaiting(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const raw: Record<string, WaitingRun[]> = {};
  for (let turn = 1; turn <= options.runs; turn++) {
    for (const { name, readers, organizations } of variants) {
      const run = await measure(stack, options, readers, organizations);
      (raw[name] ??= []).push(run);
      console.error(`waiting turn ${turn}: ${name}: ${JSON.stringify(run)}`);
    }
  }
  const row = ([name, runs]: [string, WaitingRun[]]) => [
    name,
    ...columns.map(([key, digits]) =>
      format(
        runs.map((run) => run[key]),
        digits,
      ),
    ),
  ];
  return {
    title: `readers that wait on one gateway: ${idleSecondsOf(options)} s idle, then ${wakesOf(options)} commits for all of them`,
    rows: [heading, ...Object.entries(raw).map(row)],
    figures: Object.entries(raw).flatMap(([name, runs]) => [
      {
        ...{ name: `${name}: wake`, unit: "p99 ms", digits: 1, target: { atMost: 100 } },
        values: runs.map(({ p99 }) => p99),
      },
      {
        ...{ name: `${name}: idle`, unit: "CPU %", digits: 2, target: { atMost: 5 } },
        values: runs.map(({ idleCpuPercent }) => idleCpuPercent),
      },
    ]),
    raw,
  };
}

/** How long waiting readers are left alone, and how often they are woken then. */
const idleSecondsOf = (options: BenchOptions) => options.seconds ?? options.pick(20, 5);
const wakesOf = (options: BenchOptions) => options.pick(20, 3);

async function measure(
  stack: Stack,
  options: BenchOptions,
  readers: number,
  organizations: number,
): Promise<WaitingRun> {
  await stack.resetRedis();
  const database = await createTestDatabase();
  const { process: gateway, target } = await startIngestServer(
    ...(["product", stack, database.url, options.productSettings] as const),
  );
  const clients: ApiClient[] = [];
  while (clients.length < organizations) {
    const client = await createApiClient(target.url, "enterprise");
    // The gateway knows the key then.
    await client.request("GET", "/api/inbox");
    clients.push(client);
  }
  const waiting = await openWaitingReaders(clients, { streams: readers / 2, longPolls: readers / 2 });
  try {
    // The first check of the feeds is over then, and every long-poll has come back with a cursor.
    await pause(idleSecondsOf(options) * 1_000 + 3_000);
    const idleFrom = { cpu: cpuSecondsOf(gateway.pid), commits: await readCommits(stack, database.url) };
    await pause(idleSecondsOf(options) * 1_000);
    const cpu = cpuSecondsOf(gateway.pid) - idleFrom.cpu;
    const idleCommits = (await readCommits(stack, database.url)) - idleFrom.commits;

    const worker = await startDrainWorker("product", stack, database.url);
    const latencies: number[] = [];
    let wakesFrom = { cpu: 0, commits: 0 };
    for (let wake = 0; wake <= wakesOf(options); wake++) {
      await pause(500);
      const [committedAt, times] = await Promise.all([
        publishToAll(stack, clients),
        waiting.untilAllReceived(),
      ]);
      // The first one warms up, the worker too.
      if (wake > 0) {
        times.forEach((time, reader) => latencies.push(time - (committedAt[reader % organizations] ?? NaN)));
      } else {
        await pause(1_500);
        wakesFrom = { cpu: cpuSecondsOf(gateway.pid), commits: await readCommits(stack, database.url) };
      }
    }
    const wakeCpu = cpuSecondsOf(gateway.pid) - wakesFrom.cpu;
    // A connection reports its commits within a second.
    await pause(1_500);
    const wakeCommits = (await readCommits(stack, database.url)) - wakesFrom.commits;
    await worker.stop();
    const sorted = Float64Array.from(latencies).sort();
    return {
      ...{ p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: percentile(sorted, 1) },
      idleCpuPercent: (cpu / idleSecondsOf(options)) * 100,
      idleCommitsPerSecond: idleCommits / idleSecondsOf(options),
      cpuMsPerWake: (wakeCpu / wakesOf(options)) * 1_000,
      commitsPerWake: wakeCommits / wakesOf(options),
    };
  } finally {
    waiting.close();
    await gateway.stop();
    await database.drop();
  }
}

/** Publishes an event of each organization; resolves with when the worker's message about its commit was here. */
async function publishToAll(stack: Stack, clients: readonly ApiClient[]): Promise<number[]> {
  const committedAt = clients.map(() => 0);
  const listener = stack.redis.duplicate();
  const heard = new Promise<void>((resolve) => {
    listener.on("message", (_channel, text: string) => {
      const now = performance.now();
      clients.forEach(({ organizationId }, index) => {
        if (text.includes(organizationId)) committedAt[index] = now;
      });
      if (committedAt.every((time) => time > 0)) resolve();
    });
  });
  await listener.subscribe(`${prefixOf("product")}:wake-ups`);
  await Promise.all(
    clients.map(async (client) => {
      const { status } = await client.request("POST", "/api/events", eventBody());
      if (status !== 202) throw new Error(`An event was answered with ${status}.`);
    }),
  );
  await heard;
  listener.disconnect();
  return committedAt;
}
