import type { Ledger } from "./ledger.ts";

/**
 * How long events took from their acknowledgement to their receipt. An event that outlived several kills is counted
 * from the last one before it came: nobody can tell which of them had it in hand.
 */
export function deliveryDelays(
  ledger: Ledger,
  faultsAt: readonly number[],
): { medianMs: number; p99Ms: number; slowestMs: number } {
  const delays: number[] = [];
  for (const { number, acknowledgedAt } of ledger.entries.values()) {
    const receivedAt = ledger.receipts.get(number)?.firstAt;
    if (acknowledgedAt === undefined || receivedAt === undefined) continue;
    const lastFault = Math.max(...faultsAt.filter((at) => at < receivedAt), -Infinity);
    delays.push(Math.max(0, receivedAt - Math.max(acknowledgedAt, lastFault)));
  }
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.floor((delays.length - 1) * share)] ?? 0;
  return { medianMs: at(0.5), p99Ms: at(0.99), slowestMs: at(1) };
}

/** The 99th percentile of the same for events that were sent between two moments. */
export function p99Of(ledger: Ledger, from: number, to: number): number {
  const delays = [...ledger.entries.values()]
    .filter(({ sentAt, acknowledgedAt }) => acknowledgedAt !== undefined && sentAt >= from && sentAt < to)
    // What has not come yet has waited until now.
    .map(({ number, sentAt }) => (ledger.receipts.get(number)?.firstAt ?? performance.now()) - sentAt)
    .sort((a, b) => a - b);
  return delays[Math.floor((delays.length - 1) * 0.99)] ?? 0;
}
