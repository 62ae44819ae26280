import { callApi } from "@triggers/testing";
import { waitUntilDrained } from "./backlog.ts";
import { fillQueue } from "./fill-queue.ts";
import { type Pipeline, startPipeline } from "./pipeline.ts";
import type { Stack } from "./stack.ts";
import { verifyPersisted } from "./verify-persisted.ts";

export interface StoredEvents {
  pipeline: Pipeline;
  /** Paths of a page at the beginning and of one in the middle of the inbox. */
  pages: Record<"first" | "deep", string>;
}

const pageSize = 100;
const stride = 1_000;

/** A gateway with `events` (in thousands) in Postgres and none in Redis. */
export async function storeEvents(
  stack: Stack,
  events: number,
  productSettings: Record<string, string>,
): Promise<StoredEvents> {
  const pipeline = await startPipeline("product", stack, undefined, productSettings);
  // In parts, so that the queue stays below its limit however slow the machine is.
  for (let stored = 0; stored < events; stored += 100_000) {
    await fillQueue(pipeline.target, Math.min(100_000, events - stored));
    await waitUntilDrained(stack, pipeline.prefix, 600_000);
  }
  // Pages are read without it, and it must not take the events of the next system.
  await pipeline.worker.stop();
  await verifyPersisted("product", stack, pipeline.database.url, events);
  await stack.query("VACUUM ANALYZE", pipeline.database.url);
  const cursor = await walk(pipeline, events / 2);
  const first = `/api/inbox?limit=${pageSize}`;
  return { pipeline, pages: { first, deep: `${first}&cursor=${encodeURIComponent(cursor)}` } };
}

/** Follows the cursor past at least `events` events. */
async function walk({ gateway, target }: Pipeline, events: number): Promise<string> {
  let cursor: string | undefined;
  const limit = Math.min(stride, events);
  for (let passed = 0; passed < events; passed += limit) {
    const from = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await callApi(
      gateway.url,
      "GET",
      `/api/inbox?limit=${limit}${from}`,
      undefined,
      target.headers,
    );
    const page = answer.body as { next_cursor: string | null; count: number };
    if (answer.status !== 200 || page.next_cursor === null)
      throw new Error(`After ${passed} events the inbox answers ${answer.status} without a next page.`);
    cursor = page.next_cursor;
  }
  return cursor ?? "";
}
