import type { PublishAnswer } from "./system.ts";

/** What the sender knows of one number. */
export interface Entry {
  number: number;
  client: number;
  sentAt: number;
  /** Of the acknowledgement. */
  id?: string;
  acknowledgedAt?: number;
}

/** What receivers got of one number. */
export interface Receipt {
  ids: Set<string>;
  bodies: Set<string>;
  count: number;
  firstAt: number;
}

/** Every acknowledgement and every receipt of a run. Times are of `performance.now()`. */
export interface Ledger {
  entries: Map<number, Entry>;
  receipts: Map<number, Receipt>;
  /** Answers by status, or by what broke. */
  answers: Map<string, number>;
  /** When each acknowledgement came, in order. */
  acknowledgedAt: number[];
  /** When the newest event was sent of those that were acknowledged, and of those that were delivered. */
  newestAcknowledged: number;
  newestDelivered: number;
  slowestRefusalMs: number;
  /** 503s that do not say when to come back. */
  bare503s: number;
  noteAnswer(entry: Entry, answer: PublishAnswer, startedAt: number): void;
  noteReceipt(number: number, id: string, bodyHash: string): void;
}

export function createLedger(): Ledger {
  const ledger: Ledger = {
    entries: new Map(),
    receipts: new Map(),
    answers: new Map(),
    acknowledgedAt: [],
    newestAcknowledged: 0,
    newestDelivered: 0,
    slowestRefusalMs: 0,
    bare503s: 0,
    noteAnswer(entry, answer, startedAt) {
      const now = performance.now();
      const name = answer.status > 0 ? String(answer.status) : (answer.error ?? answer.outcome);
      ledger.answers.set(name, (ledger.answers.get(name) ?? 0) + 1);
      if (answer.outcome === "accepted" || answer.outcome === "duplicate") {
        entry.acknowledgedAt = now;
        if (answer.id !== undefined) entry.id = answer.id;
        ledger.acknowledgedAt.push(now);
        ledger.newestAcknowledged = Math.max(ledger.newestAcknowledged, entry.sentAt);
      } else if (answer.outcome !== "unreachable") {
        if (answer.status === 503 && answer.retryAfterSeconds === undefined) ledger.bare503s += 1;
        ledger.slowestRefusalMs = Math.max(ledger.slowestRefusalMs, now - startedAt);
      }
    },
    noteReceipt(number, id, bodyHash) {
      const known = ledger.receipts.get(number);
      const receipt = known ?? { ids: new Set(), bodies: new Set(), count: 0, firstAt: performance.now() };
      receipt.count += 1;
      receipt.ids.add(id);
      receipt.bodies.add(bodyHash);
      if (known) return;
      ledger.receipts.set(number, receipt);
      ledger.newestDelivered = Math.max(ledger.newestDelivered, ledger.entries.get(number)?.sentAt ?? 0);
    },
  };
  return ledger;
}
