import { setTimeout as pause } from "node:timers/promises";
import { p99Of } from "../delivery-delays.ts";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";

/** One organization sends as fast as twenty connections allow; what its limit refuses must not come in all the same. */
export const flood: Scenario = {
  name: "R8",
  title: "one organization floods at its limit",
  target: "another's ingest p99 +20 % or 5 ms, deliveries +100 ms",
  async run(world) {
    let [ingestBefore, ingestDuring, deliveryBefore, deliveryDuring] = [0, 0, 0, 0];
    const refused = new Set<number>();
    const accepted = new Set<number>();
    let smuggled = 0;
    let missing = 0;
    // Of a second, so that the limit is reached in one; the load of all others together stays below it.
    const gatewaySettings = { RATE_LIMIT_ENTERPRISE: String(world.rate), RATE_LIMIT_WINDOW_MS: "1000" };
    const setup = { gateways: 2, workers: 2, gatewaySettings };
    const finding = await runUnderLoad(world, setup, async ({ system, ledger, load, settle }) => {
      const measureMs = world.isQuick ? 5_000 : 20_000;
      const ingestP99 = (from: number) => {
        const sorted = ledger.latenciesMs.slice(from).sort((a, b) => a - b);
        return sorted[Math.floor((sorted.length - 1) * 0.99)] ?? 0;
      };
      const quietAt = performance.now();
      const quietFrom = ledger.latenciesMs.length;
      await pause(measureMs);
      ingestBefore = ingestP99(quietFrom);
      deliveryBefore = p99Of(ledger, quietAt, quietAt + measureMs - 1_000);

      const flooder = await system.createClient();
      const gateways = system.parts("gateway");
      const floodAt = performance.now();
      const floodFrom = ledger.latenciesMs.length;
      let number = 0;
      const sender = async (index: number) => {
        while (performance.now() - floodAt < measureMs) {
          const own = -1 - number++;
          const gateway = gateways[index % gateways.length];
          if (!gateway) return;
          const { outcome, status } = await system.publish(flooder, { number: own }, gateway);
          if (outcome === "accepted") accepted.add(own);
          else if (status === 429) refused.add(own);
        }
      };
      await Promise.all(Array.from({ length: 20 }, (_, index) => sender(index)));
      ingestDuring = ingestP99(floodFrom);
      await load.stop();
      await settle();
      deliveryDuring = p99Of(ledger, floodAt, floodAt + measureMs - 1_000);
      for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 500) {
        const stored = new Set((await system.stored(flooder)).map((event) => event.number));
        smuggled = [...refused].filter((own) => stored.has(own)).length;
        missing = [...accepted].filter((own) => !stored.has(own)).length;
        if (missing === 0) break;
        await pause(500);
      }
      world.say(`the flooder: ${accepted.size} accepted, ${refused.size} refused`);
    });
    const row = rowOf(finding, undefined, [
      mustHold("the flooder was refused", refused.size > 0, `${refused.size} × 429`),
      mustHold(
        "nothing that was refused came in",
        smuggled === 0,
        `${smuggled} events answered with 429 are stored`,
      ),
      mustHold("nothing of the flooder's is lost", missing === 0, `${missing}`),
      mustTake("ingest p99", ingestDuring, Math.round(Math.max(ingestBefore * 1.2, ingestBefore + 5)), world),
      mustTake("delivery p99", deliveryDuring, Math.round(deliveryBefore + 100), world),
    ]);
    return { ...row, lost: row.lost + missing };
  },
};
