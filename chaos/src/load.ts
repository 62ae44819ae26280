import { setTimeout as pause } from "node:timers/promises";
import type { Entry, Ledger } from "./ledger.ts";
import type { Client, EventSystem, PublishAnswer } from "./system.ts";

export interface Load {
  /** Arrivals that were left out because too many requests were open: the machine, or the system, cannot take this rate. */
  skipped(): number;
  /** When the arrivals ended, by `performance.now()`; undefined while they go on. */
  endedAt(): number | undefined;
  /** Ends the arrivals and waits for the answers that are still due. */
  stop(): Promise<void>;
}

interface LoadOptions {
  system: EventSystem;
  clients: readonly Client[];
  ledger: Ledger;
  /** Events a second, whatever the system answers. */
  rate: number;
  /** Tells the dedup ids of this run from all others. */
  run: string;
}

const tickMs = 10;
const retryPauseMs = 250;
const maxAttempts = 20;
/** Two seconds of arrivals at 500 a second: a refusal takes less than one. */
const maxOpen = 1_000;

/**
 * An open loop: numbers arrive at a constant rate over all gateways in turn. Those with an odd number carry a dedup id, and what
 * is not acknowledged of them is sent again, as a careful client does; the others are sent once.
 */
export function startLoad({ system, clients, ledger, rate, run }: LoadOptions): Load {
  const startedAt = performance.now();
  const open = new Set<Promise<void>>();
  let endedAt: number | undefined;
  let sent = 0;
  let skipped = 0;

  async function send(number: number): Promise<void> {
    const client = number % clients.length;
    const entry: Entry = { number, client, sentAt: performance.now() };
    ledger.entries.set(number, entry);
    const mayRepeat = number % 2 === 1;
    for (let attempt = 0; attempt < (mayRepeat ? maxAttempts : 1); attempt += 1) {
      const answer = await sendOnce(entry, number + attempt, mayRepeat);
      if (answer.outcome === "accepted" || answer.outcome === "duplicate") return;
      // Once nothing more arrives it is tried a few times more, not for the length of an outage.
      if (endedAt !== undefined && attempt >= 4) return;
      await pause(retryPauseMs);
    }
  }

  /** A gateway that takes no connection is passed over, as a load balancer does. */
  async function sendOnce(entry: Entry, turn: number, mayRepeat: boolean): Promise<PublishAnswer> {
    const gateways = system.parts("gateway");
    let answer: PublishAnswer = { outcome: "unreachable", status: 0, error: "no gateway" };
    for (let index = 0; index < gateways.length; index += 1) {
      const gateway = gateways[(turn + index) % gateways.length];
      const client = clients[entry.client];
      if (!gateway || !client) continue;
      const begunAt = performance.now();
      const event = {
        number: entry.number,
        ...(mayRepeat ? { dedupId: `${run}-${entry.number}` } : {}),
      };
      answer = await system.publish(client, event, gateway);
      ledger.noteAnswer(entry, answer, begunAt);
      if (answer.outcome !== "unreachable") break;
    }
    return answer;
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * rate);
    for (; sent + skipped < due; sent += 1) {
      if (open.size >= maxOpen) {
        skipped = due - sent;
        break;
      }
      const sending = send(sent).finally(() => open.delete(sending));
      open.add(sending);
    }
  }, tickMs);

  return {
    skipped: () => skipped,
    endedAt: () => endedAt,
    async stop() {
      endedAt ??= performance.now();
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}
