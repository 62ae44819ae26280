import { setTimeout as pause } from "node:timers/promises";
import type { EndpointKind } from "./endpoint-crowd.ts";
import type { Stack } from "./stack.ts";

type Counts = Record<string, number>;
export type ExpectedDeliveries = Record<EndpointKind, number>;

/** Seconds of the shipped schedule before the attempts that a run can see, ±20 %. */
const schedule = [0, 5, 300];

const healthyCounts = `
  SELECT count(*) FILTER (WHERE d.status = 'delivered' AND d.attempts = 1) AS delivered, count(*) AS all
  FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id WHERE p.url LIKE '%/healthy/%'`;

/** Waits until all healthy deliveries are recorded and each failing one has been attempted. */
export async function waitUntilHealthyDelivered(
  stack: Stack,
  { databaseUrl, receiverUrl }: { databaseUrl: string; receiverUrl: string },
  expected: ExpectedDeliveries,
  limitMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    // Asking Postgres costs what is measured: only when everything may be over.
    const arrived = Number(await (await fetch(`${receiverUrl}/count`)).text());
    if (arrived < expected.healthy && performance.now() < giveUpAt) {
      await pause(200);
      continue;
    }
    // Fresh tables without statistics get plans that take seconds.
    await stack.query("ANALYZE deliveries, endpoints, attempts", databaseUrl);
    const delivered = Number((await ask(stack, databaseUrl, healthyCounts)).delivered);
    const { untried } = await ask(stack, databaseUrl, untriedCount);
    if (delivered === expected.healthy && untried === 0) return;
    if (performance.now() > giveUpAt)
      throw new Error(
        `Of ${expected.healthy} healthy deliveries ${delivered} were made; ${untried} failing ones were never tried.`,
      );
    await pause(500);
  }
}

const untriedCount = `
  SELECT count(*) AS untried FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id
  WHERE p.url LIKE '%/failing/%' AND d.attempts = 0`;

/**
 * Throws when a delivery is missing or too many, or is not in the state that the schedule gives it: healthy ones
 * delivered at the first attempt; the others retrying, one step and one recorded attempt for each failure, the next
 * within the jitter of its step. A hanging one may still wait for its first timeout.
 */
export async function verifyCrowd(
  stack: Stack,
  databaseUrl: string,
  expected: ExpectedDeliveries,
): Promise<Counts> {
  const healthy = await ask(stack, databaseUrl, healthyCounts);
  const faults: string[] = [];
  const compare = (what: string, measured: unknown, wanted: number) => {
    if (Number(measured) !== wanted) faults.push(`${what}: ${Number(measured)} instead of ${wanted}`);
  };
  compare("healthy deliveries made once", healthy.delivered, expected.healthy);
  compare("healthy deliveries", healthy.all, expected.healthy);
  for (const [kind, sign] of [
    ["failing", "a.response_status = 500"],
    ["hanging", "a.error_code = 'timeout'"],
  ] as const) {
    const counts = await ask(stack, databaseUrl, stateCounts(kind, sign));
    compare(`${kind} deliveries`, counts.all, expected[kind]);
    compare(`${kind} deliveries in their step of the schedule`, counts.right, expected[kind]);
  }
  if (faults.length > 0) throw new Error(faults.join("; "));
  return ask(
    stack,
    databaseUrl,
    `SELECT count(*) FILTER (WHERE error_code = 'timeout') AS timeouts,
       count(*) FILTER (WHERE response_status = 500) AS failures, count(*) AS attempts FROM attempts`,
  );
}

function stateCounts(kind: EndpointKind, sign: string): string {
  const delayed = schedule.map((delay, step) => `WHEN ${step} THEN ${delay}`).join(" ");
  const sinceLast = "extract(epoch FROM d.next_attempt_at - last.ended_at)";
  const delay = `(CASE d.schedule_step ${delayed} END)`;
  const isUntried = kind === "hanging" ? "d.status = 'pending' AND d.attempts = 0 OR" : "";
  // A second on top: the record, which counts the delay, may come so much after the answer.
  return `
    SELECT count(*) AS all, count(*) FILTER (WHERE ${isUntried} d.status = 'retrying'
      AND d.attempts = d.schedule_step AND last.made = d.attempts
      AND ${sinceLast} BETWEEN ${delay} * 0.8 - 0.1 AND ${delay} * 1.2 + 1) AS right
    FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id
    LEFT JOIN LATERAL (
      SELECT count(*) AS made, max(started_at + duration_ms * interval '1 ms') AS ended_at
      FROM attempts a WHERE a.event_id = d.event_id AND a.delivery_id = d.id AND ${sign}
    ) last ON true
    WHERE p.url LIKE '%/${kind}/%'`;
}

async function ask(stack: Stack, databaseUrl: string, question: string): Promise<Counts> {
  const [row] = await stack.query<Record<string, string>>(question, databaseUrl);
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]));
}
