import { waitUntilDrained } from "../backlog.ts";
import { type Column, runTable } from "../run-table.ts";
import { eventBodyOfSize } from "../sample-event.ts";
import type { MeasureScenario } from "../scenario.ts";
import { sendLoad } from "../send-load.ts";
import { startDrainWorker, startIngestServer } from "../servers.ts";
import type { Stack } from "../stack.ts";
import { createTestDatabase } from "@triggers/testing";
import { takeTurns } from "../take-turns.ts";

interface MemoryRun {
  /** Bytes for one event of 1 KB that waits. */
  queued: number;
  /** Bytes that stay for one event when all are persisted. */
  left: number;
}

const columns: Column<MemoryRun>[] = [
  { heading: "bytes/queued event", digits: 0, of: (run) => run.queued },
  { heading: "bytes left when persisted", digits: 0, of: (run) => run.left },
];

const variants = ["floor", "product", "product with dedup_id"] as const;

/** S9: what Redis needs for an event of 1 KB in the queue, and for a dedup id afterwards. */
export const measureRedisMemory: MeasureScenario = async (stack, options) => {
  const events = options.events ?? options.pick(50_000, 10_000);
  const runs = await takeTurns(
    "S9-redis",
    options.runs,
    variants,
    (name) => measure(name, stack, events, options.productSettings),
    (run) => `${Math.round(run.queued)} bytes/event`,
  );
  const perDedupId = runs["product with dedup_id"].map(
    (run, turn) => run.left - (runs.product[turn]?.left ?? 0),
  );
  return {
    title: `Redis memory: ${events} events of 1 KB`,
    rows: runTable(columns, runs),
    figures: [
      {
        name: "per queued event of 1 KB",
        unit: "bytes",
        digits: 0,
        values: runs.product.map((run) => run.queued),
        target: { atMost: 2_048 },
      },
      {
        name: "per remembered dedup id",
        unit: "bytes",
        digits: 0,
        values: perDedupId,
        target: { atMost: 200 },
      },
    ],
    raw: { events, runs },
  };
};

async function measure(
  variant: (typeof variants)[number],
  stack: Stack,
  events: number,
  settings: Record<string, string>,
): Promise<MemoryRun> {
  const name = variant === "floor" ? "floor" : "product";
  const extra = name === "floor" ? {} : settings;
  const hasDedup = variant === "product with dedup_id";
  await stack.resetRedis();
  const database = await createTestDatabase();
  try {
    const { process: gateway, prefix, target } = await startIngestServer(name, stack, database.url, extra);
    const bodyOf = (n: number) => eventBodyOfSize(1_024, hasDedup ? `order-${n}-created` : undefined);
    const before = await usedBytes(stack);
    await sendLoad({ target, connections: 20, requests: events, bodyOf });
    await gateway.stop();
    const queued = (await usedBytes(stack)) - before;
    const worker = await startDrainWorker(name, stack, database.url, extra);
    await waitUntilDrained(stack, prefix, 300_000);
    await worker.stop();
    const left = (await usedBytes(stack)) - before;
    return { queued: queued / events, left: left / events };
  } finally {
    await database.drop();
  }
}

/** Without what belongs to connections and to the file's buffer. */
async function usedBytes(stack: Stack): Promise<number> {
  const fields = ["used_memory", "mem_clients_normal", "mem_aof_buffer"];
  const [used = 0, clients = 0, buffer = 0] = await Promise.all(
    fields.map(async (field) => Number(await stack.info("memory", field))),
  );
  return used - clients - buffer;
}
