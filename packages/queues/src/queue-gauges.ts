import { Gauge, type Registry } from "@triggers/runtime";
import type { QueueStats } from "./queue-stats.ts";

const states = ["waiting", "prioritized", "active", "delayed", "failed"] as const;

/** Sampled when scraped. Every process shows the same queues: take the maximum over them, not the sum. */
export function registerQueueGauges(registry: Registry, readStats: () => Promise<QueueStats[]>): void {
  // With Redis away there is nothing to show; the scrape must not fail for it.
  const statsOrNone = () => readStats().catch(() => []);
  new Gauge({
    name: "triggers_queue_jobs",
    help: "Jobs in Redis by queue and state, the same from every process",
    labelNames: ["queue", "state"],
    registers: [registry],
    async collect() {
      const all = await statsOrNone();
      this.reset();
      for (const stats of all)
        for (const state of states) this.set({ queue: stats.name, state }, stats[state]);
    },
  });
  new Gauge({
    name: "triggers_oldest_waiting_event_age_seconds",
    help: "Since the oldest event that is not persisted yet was accepted; 0 when none waits",
    registers: [registry],
    async collect() {
      const events = (await statsOrNone()).find(({ name }) => name === "events");
      if (events) this.set((events.oldestWaitingMs ?? 0) / 1_000);
      else this.remove();
    },
  });
}
