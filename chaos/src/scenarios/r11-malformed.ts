import { setTimeout as pause } from "node:timers/promises";
import { ingestDelays } from "../delivery-delays.ts";
import { runUnderLoad } from "../experiment.ts";
import { malformedRequest } from "../malformed-request.ts";
import { memoryOf } from "../memory.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { openSlowConnections } from "../slow-connections.ts";
import { warmUp } from "../warm-up.ts";

/** Twenty clients send nothing but nonsense, a hundred connections never finish their headers, and the load goes on. */
export const malformed: Scenario = {
  name: "R11",
  title: "malformed requests and slow headers",
  target: "only 4xx, memory flat, honest p99 ≤ 2 ×",
  roles: ["gateway"],
  async run(world) {
    const statuses = new Map<string, number>();
    let [before, during, grown] = [0, 0, 0];
    const finding = await runUnderLoad(
      world,
      { gateways: 1, workers: 1 },
      async ({ system, clients, ledger }) => {
        const [gateway] = system.parts("gateway");
        const [client] = clients;
        if (!gateway || !client) throw new Error("No gateway is running.");
        await warmUp(world);
        const quietFrom = performance.now();
        await pause(world.isQuick ? 3_000 : 10_000);
        const floodFrom = performance.now();
        before = ingestDelays(ledger, quietFrom, floodFrom).p99Ms;

        const total = world.isQuick ? 2_000 : 10_000;
        const slow = openSlowConnections(gateway.url, 100);
        let sent = 0;
        let memoryAfterSome = 0;
        const sender = async () => {
          while (sent < total) {
            sent += 1;
            if (sent === Math.floor(total / 4)) memoryAfterSome = memoryOf(gateway.pid);
            const { headers, body } = malformedRequest(world.random);
            const name = await system.sendRaw(client, headers, body, gateway);
            statuses.set(name, (statuses.get(name) ?? 0) + 1);
            // The honest traffic's share of the machine must not depend on how fast this loop turns.
            await pause(20);
          }
        };
        await Promise.all(Array.from({ length: 20 }, sender));
        during = ingestDelays(ledger, floodFrom, performance.now()).p99Ms;
        slow.close();
        grown = memoryOf(gateway.pid) - memoryAfterSome;
      },
    );
    const seen = [...statuses].map(([name, count]) => `${count} × ${name}`).join(", ");
    const wrong = [...statuses.keys()].filter((name) => !/^4\d\d$/.test(name));
    const row = rowOf(finding, undefined, [
      mustHold("every answer is a 4xx", wrong.length === 0, seen),
      mustHold(
        "the gateway's memory stays",
        grown < 100,
        `${grown.toFixed()} MB more after the first quarter`,
      ),
      mustTake(`honest p99 (${before.toFixed(1)} ms before)`, during, Math.ceil(before * 2), world),
    ]);
    return { ...row, measured: `honest p99 ${before.toFixed(1)} → ${during.toFixed(1)} ms` };
  },
};
