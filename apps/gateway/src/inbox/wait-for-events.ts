/**
 * Resolves when there may be new events of the organization, or after `timeoutMs`, whichever comes first; an aborted
 * wait resolves too. It may wake for nothing, but whoever asks after calling it, and before awaiting it, misses nothing.
 */
export type WaitForEvents = (
  organizationId: string,
  options: { timeoutMs: number; signal: AbortSignal },
) => Promise<"woken" | "timed_out">;
