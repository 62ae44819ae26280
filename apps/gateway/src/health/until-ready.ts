import { setTimeout as pause } from "node:timers/promises";
import type { Readiness } from "./readiness.ts";

/** Longer than a start takes where nothing is missing. */
const maxWaitMs = 1_000;
const stepMs = 10;

/**
 * A gateway that listened at once would refuse what comes in the tenth of a second before its databases are connected,
 * and a balancer that asks nobody would send it. Where something is away it listens all the same: probes want an answer.
 */
export async function untilReady(readiness: Pick<Readiness, "blockers" | "down">): Promise<void> {
  const endsAt = performance.now() + maxWaitMs;
  const isReady = () => readiness.blockers().length + readiness.down().length === 0;
  while (!isReady() && performance.now() < endsAt) await pause(stepMs);
}
