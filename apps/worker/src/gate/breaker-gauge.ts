import { Gauge, type Registry } from "@triggers/runtime";

/** Asked when scraped; every worker shows the same endpoints. */
export function registerBreakerGauge(registry: Registry, countOpen: () => Promise<number>): void {
  new Gauge({
    name: "triggers_open_breakers",
    help: "Endpoints that get a rest after failures in a row, the same from every worker",
    registers: [registry],
    async collect() {
      // With Redis away there is nothing to show; the scrape must not fail for it.
      const open = await countOpen().catch(() => undefined);
      if (open === undefined) this.remove();
      else this.set(open);
    },
  });
}
