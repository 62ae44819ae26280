import { setTimeout as pause } from "node:timers/promises";
import { delaysOf, ingestDelays } from "../delivery-delays.ts";
import { runUnderLoad } from "../experiment.ts";
import { malformedRequest } from "../malformed-request.ts";
import { memoryOf } from "../memory.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { openSlowConnections } from "../slow-connections.ts";
import { warmUp } from "../warm-up.ts";

/**
 * Twenty clients send nothing but nonsense, a hundred connections never finish their headers, and the load goes on. Quiet
 * times and nonsense take turns, since what else happens on the machine would pass for the nonsense's doing.
 */
export const malformed: Scenario = {
  name: "R11",
  title: "malformed requests and slow headers",
  target: "only 4xx, memory flat, honest p99 ≤ 2 ×",
  roles: ["gateway"],
  async run(world) {
    const statuses = new Map<string, number>();
    const p99 = { quiet: [] as number[], flood: [] as number[] };
    let grown = 0;
    const finding = await runUnderLoad(
      world,
      // Half of the load is honest, about as much is not.
      { gateways: 1, workers: 1, rate: world.rate / 2 },
      async ({ system, clients, ledger }) => {
        const [gateway] = system.parts("gateway");
        const [client] = clients;
        if (!gateway || !client) throw new Error("No gateway is running.");
        await warmUp(world);
        const rounds = world.isQuick ? 2 : 3;
        const total = (world.isQuick ? 2_000 : 10_000) / rounds;
        // Made before, and at a rate that is not the machine's: what is asked is what the gateway makes of them.
        const requests = Array.from({ length: 500 }, () => malformedRequest(world.random));
        const sendOne = async () => {
          const { headers, body } = world.random.pick(requests);
          const name = await system.sendRaw(client, headers, body, gateway);
          statuses.set(name, (statuses.get(name) ?? 0) + 1);
          await pause(world.isQuick ? 20 : 60);
        };
        let memoryAfterFirst = 0;
        for (let round = 0; round < rounds; round += 1) {
          const quietFrom = performance.now();
          await pause(world.isQuick ? 3_000 : 8_000);
          const floodFrom = performance.now();
          const slow = openSlowConnections(gateway.url, 100);
          await Promise.all(Array.from({ length: 20 }, () => repeat(total / 20, sendOne)));
          slow.close();
          p99.quiet.push(ingestDelays(ledger, quietFrom, floodFrom).p99Ms);
          p99.flood.push(ingestDelays(ledger, floodFrom, performance.now()).p99Ms);
          memoryAfterFirst ||= memoryOf(gateway.pid);
        }
        grown = memoryOf(gateway.pid) - memoryAfterFirst;
      },
    );
    const seen = [...statuses].map(([name, count]) => `${count} × ${name}`).join(", ");
    const wrong = [...statuses.keys()].filter((name) => !/^4\d\d$/.test(name));
    const [quiet, flood] = [delaysOf(p99.quiet).medianMs, delaysOf(p99.flood).medianMs];
    const row = rowOf(finding, undefined, [
      mustHold("every answer is a 4xx", wrong.length === 0, seen),
      mustHold("the gateway's memory stays", grown < 100, `${grown.toFixed()} MB more after the first turn`),
      mustTake(`honest p99 (${quiet.toFixed(1)} ms without)`, flood, Math.ceil(quiet * 2), world),
    ]);
    return { ...row, measured: `honest p99 ${quiet.toFixed(1)} → ${flood.toFixed(1)} ms` };
  },
};

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  for (let time = 0; time < times; time += 1) await work();
}
