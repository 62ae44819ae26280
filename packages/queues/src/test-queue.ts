import { setTimeout as pause } from "node:timers/promises";
import { isUuid } from "@triggers/domain";
import { Queue } from "bullmq";
import type { RedisClient } from "@triggers/runtime";
import { queueOptions, shortenEventStream } from "./queue-options.ts";

export const testQueueName = "tests";

/** Asks a worker to send an example to an endpoint; ids only, so that no secret is ever in Redis. */
export interface TestJob {
  v: 1;
  organizationId: string;
  endpointId: string;
}

/** What came of it. `no_endpoint`: it was deleted meanwhile. */
export type TestAnswer = { outcome: "sent"; attempt: TestAttempt } | { outcome: "no_endpoint" };

export interface TestAttempt {
  event_id: string;
  number: 1;
  trigger: "test";
  started_at: string;
  duration_ms: number;
  response_status: number | null;
  error_code: string | null;
  error_detail: string | null;
  response_headers: Record<string, string>;
  response_body: string;
}

export interface TestRequests {
  /**
   * Resolves with the worker's answer, with `unanswered` after `waitMs`, or with `busy` at once while the organization
   * has as many tests under way as it may. Rejects when Redis is away.
   */
  request(
    id: string,
    job: Omit<TestJob, "v">,
    waitMs: number,
  ): Promise<TestAnswer | { outcome: "unanswered" | "busy" }>;
  close(): Promise<void>;
}

/** Over all gateways. */
const maxAtOnce = 3;
const pollMs = 100;

/**
 * The gateway waits at a key of the test's own, which ends with its patience: a worker that comes too late finds nobody
 * waiting and sends nothing, and nothing is left behind by whichever process dies. Slots end by themselves too.
 */
export function createTestRequests(client: RedisClient, prefix: string): TestRequests {
  const queue = new Queue<TestJob>(testQueueName, queueOptions(client, prefix));
  queue.on("error", () => undefined);
  shortenEventStream(client, queue);

  async function takeSlot(organizationId: string, id: string, ttlMs: number): Promise<string | undefined> {
    for (let slot = 0; slot < maxAtOnce; slot += 1) {
      const key = `{${prefix}}:test-slot:${organizationId}:${slot}`;
      if ((await client.set(key, id, "PX", ttlMs, "NX")) !== null) return key;
    }
    return undefined;
  }

  async function waitFor(key: string, waitMs: number): Promise<TestAnswer | undefined> {
    const endsAt = performance.now() + waitMs;
    while (performance.now() < endsAt) {
      // A lost connection may come back before the answer's time is over.
      const text = await client.get(key).catch(() => "");
      if (text?.startsWith("{")) return JSON.parse(text) as TestAnswer;
      await pause(pollMs);
    }
    return undefined;
  }

  return {
    async request(id, job, waitMs) {
      const slot = await takeSlot(job.organizationId, id, waitMs + 5_000);
      if (slot === undefined) return { outcome: "busy" };
      const key = waitingKey(prefix, id);
      try {
        await client.set(key, "waiting", "PX", waitMs);
        await queue.add("test", { v: 1, ...job }, { jobId: id });
        const answer = await waitFor(key, waitMs);
        // No worker took it, or one has it and finds nobody waiting.
        if (!answer) await queue.remove(id).catch(() => 0);
        return answer ?? { outcome: "unanswered" };
      } finally {
        await client.del(key, slot).catch(() => 0);
      }
    },
    close: () => queue.close(),
  };
}

export interface TestAnswers {
  /** Whether somebody still waits for this test. */
  isAwaited(id: string): Promise<boolean>;
  /** Dropped when nobody waits any more. */
  answer(id: string, answer: TestAnswer): Promise<void>;
}

export function createTestAnswers(client: RedisClient, prefix: string): TestAnswers {
  const replace = async (id: string, text: string) =>
    (await client.set(waitingKey(prefix, id), text, "KEEPTTL", "XX")) !== null;
  return {
    isAwaited: (id) => replace(id, "sending"),
    async answer(id, answer) {
      await replace(id, JSON.stringify(answer));
    },
  };
}

export function decodeTestJob(data: unknown): TestJob | undefined {
  const { v, organizationId, endpointId } = (data ?? {}) as Partial<Record<keyof TestJob, unknown>>;
  const isGood = v === 1 && [organizationId, endpointId].every((id) => typeof id === "string" && isUuid(id));
  return isGood ? (data as TestJob) : undefined;
}

function waitingKey(prefix: string, id: string): string {
  return `{${prefix}}:test:${id}`;
}
