import type { Ledger } from "./ledger.ts";

export interface Delays {
  count: number;
  medianMs: number;
  p99Ms: number;
  slowestMs: number;
}

export function delaysOf(delaysMs: readonly number[]): Delays {
  const sorted = [...delaysMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { count: sorted.length, medianMs: at(0.5), p99Ms: at(0.99), slowestMs: at(1) };
}

/** From sending to receipt, of events that were sent between two moments and acknowledged. */
export function deliveryDelays(ledger: Ledger, from: number, to: number): Delays {
  return delaysOf(
    sentBetween(ledger, from, to)
      // What has not come yet has waited until now.
      .map(({ number, sentAt }) => (ledger.receipts.get(number)?.firstAt ?? performance.now()) - sentAt),
  );
}

/** The same from sending to acknowledgement. */
export function ingestDelays(ledger: Ledger, from: number, to: number): Delays {
  return delaysOf(
    sentBetween(ledger, from, to).map(({ sentAt, acknowledgedAt }) => (acknowledgedAt ?? 0) - sentAt),
  );
}

function sentBetween(ledger: Ledger, from: number, to: number) {
  return [...ledger.entries.values()].filter(
    ({ sentAt, acknowledgedAt }) => acknowledgedAt !== undefined && sentAt >= from && sentAt < to,
  );
}
