import { type AppProcess, createTestDatabase } from "@triggers/testing";
import { cpuSecondsOf } from "../cpu-time.ts";
import { drainInbox } from "../drain-inbox.ts";
import { fillInbox } from "../fill-inbox.ts";
import type { Figure, Target } from "../figure.ts";
import type { BenchOptions } from "../options.ts";
import type { Scenario } from "../scenario.ts";
import { startIngestServer } from "../servers.ts";
import type { Stack } from "../stack.ts";
import { format, percentile } from "../statistics.ts";

const calls = 200;
const storedOf = (options: BenchOptions) => options.events ?? options.pick(1_000_000, 50_000);
const drainedOf = (options: BenchOptions) => options.pick(50_000, 10_000);
/** Each run leases so many beforehand, as a busy inbox has them in front of what is available. */
const [deepPages, pageSize] = [1_000, 100];

interface InboxRun {
  firstPage: number;
  deepPage: number;
  lease: number;
  stats: number;
  drainPerSecond: number;
  /** CPU time per event that was leased and acknowledged, in microseconds: says most where the machine is busy. */
  gatewayCpuUs: number;
  postgresCpuUs: number;
}

/**
 * One gateway, worker stopped, an organization with a million available events that were loaded by SQL. Times are
 * p95 of 200 calls one after the other, as a client sees them; then four consumers at once lease and acknowledge.
 */
export async function measureInbox(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const runs: InboxRun[] = [];
  for (let turn = 1; turn <= options.runs; turn++) {
    const run = await measureOnce(stack, options);
    runs.push(run);
    console.error(`inbox turn ${turn}: drained ${Math.round(run.drainPerSecond)}/s`);
  }
  const row = (title: string, key: keyof InboxRun, digits: number) => [
    title,
    format(
      runs.map((run) => run[key]),
      digits,
    ),
  ];
  const figure = (name: string, unit: string, key: keyof InboxRun, target: Target): Figure => ({
    ...{ name, unit, target, digits: unit === "p95 ms" ? 1 : 0 },
    values: runs.map((run) => run[key]),
  });
  return {
    title: `one gateway, ${storedOf(options)} available events of one organization`,
    rows: [
      ["", "measured"],
      row("GET /api/inbox/stats, p95 ms", "stats", 1),
      row("gateway CPU µs per event leased and acknowledged", "gatewayCpuUs", 0),
      row("Postgres CPU µs per event leased and acknowledged", "postgresCpuUs", 0),
    ],
    figures: [
      figure("first page of 100", "p95 ms", "firstPage", { atMost: 15 }),
      figure("the same, 1 000 pages deep", "p95 ms", "deepPage", { atMost: 15 }),
      figure("lease of 100", "p95 ms", "lease", { atMost: 30 }),
      figure(`4 consumers drain ${drainedOf(options)} events`, "events/s", "drainPerSecond", {
        atLeast: 5_000,
      }),
    ],
    raw: runs,
  };
}

async function measureOnce(stack: Stack, options: BenchOptions): Promise<InboxRun> {
  await stack.resetRedis();
  const database = await createTestDatabase();
  const { process: gateway, target } = await startIngestServer("product", stack, database.url);
  try {
    const key = target.headers["x-api-key"] ?? "";
    await fillInbox(stack, database.url, storedOf(options));
    const call = async (method: string, path: string, body?: object) => {
      const headers = { "x-api-key": key, "content-type": "application/json" };
      const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
      const answer = await fetch(`${gateway.url}${path}`, init);
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
      return text;
    };
    const p95 = async (method: string, path: string, body?: object) => {
      for (let n = 0; n < 20; n++) await call(method, path, body); // warm: compiled code, plans
      const times: number[] = [];
      for (let n = 0; n < calls; n++) {
        const startedAt = performance.now();
        await call(method, path, body);
        times.push(performance.now() - startedAt);
      }
      return percentile(Float64Array.from(times).sort(), 0.95);
    };
    const deep = Buffer.from(`p${Math.min(deepPages * pageSize, storedOf(options) / 2)}`).toString(
      "base64url",
    );
    return {
      firstPage: await p95("GET", `/api/inbox?limit=${pageSize}`),
      deepPage: await p95("GET", `/api/inbox?limit=${pageSize}&cursor=${deep}`),
      lease: await p95("POST", "/api/inbox/lease", { limit: 100 }),
      stats: await p95("GET", "/api/inbox/stats"),
      ...(await measureDrain(stack, gateway, key, drainedOf(options))),
    };
  } finally {
    await gateway.stop();
    await database.drop();
  }
}

async function measureDrain(stack: Stack, gateway: AppProcess, key: string, events: number) {
  const read = () => ({
    gateway: cpuSecondsOf(gateway.pid),
    postgres: cpuSecondsOf(stack.postmasterPid, true),
  });
  const before = read();
  const drainPerSecond = await drainInbox(gateway.url, key, 4, events);
  const after = read();
  return {
    drainPerSecond,
    gatewayCpuUs: ((after.gateway - before.gateway) * 1e6) / events,
    postgresCpuUs: ((after.postgres - before.postgres) * 1e6) / events,
  };
}
