import { setTimeout as pause } from "node:timers/promises";

/**
 * Resolves when there may be new events of the organization, or after `timeoutMs`, whichever comes first; an aborted
 * wait resolves too. It may wake for nothing, but whoever asks after calling it, and before awaiting it, misses nothing.
 */
export type WaitForEvents = (
  organizationId: string,
  options: { timeoutMs: number; signal: AbortSignal },
) => Promise<"woken" | "timed_out">;

const retryMs = 1_000;

/** Knows of no wake-ups: whoever waits looks again every second. */
export const waitASecond: WaitForEvents = async (_organizationId, { timeoutMs, signal }) => {
  await pause(Math.min(timeoutMs, retryMs), undefined, { signal }).catch(() => undefined);
  return timeoutMs <= retryMs ? "timed_out" : "woken";
};
