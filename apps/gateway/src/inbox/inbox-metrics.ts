import { type Database, type InboxTotals, readInboxTotals } from "@triggers/db";
import { createCachedRead, Gauge, type Registry } from "@triggers/runtime";

/** A scraper asks every 15 s or so; several of them, or a busy finger on reload, cost Postgres no more than that. */
const maxAgeMs = 10_000;

/** Sampled when scraped, and never otherwise. Every gateway shows the same: take the maximum over them, not the sum. */
export function registerInboxGauges(registry: Registry, db: Database): void {
  const read = createCachedRead(() => readInboxTotals(db), maxAgeMs);
  // With Postgres away there is nothing to show; the scrape must not fail for it.
  const totals = (): Promise<InboxTotals | undefined> => read().catch(() => undefined);
  new Gauge({
    name: "triggers_inbox_events",
    help: "Events of all inboxes by state, counted up to 100 000, the same from every process",
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      const found = await totals();
      this.reset();
      if (!found) return;
      for (const state of ["available", "leased", "quarantined"] as const) this.set({ state }, found[state]);
    },
  });
  new Gauge({
    name: "triggers_inbox_oldest_available_age_seconds",
    help: "Since the oldest event that a consumer could lease was persisted; 0 when there is none",
    registers: [registry],
    async collect() {
      const found = await totals();
      if (found) this.set(found.oldestPersistedAgeSeconds);
      else this.remove();
    },
  });
}
