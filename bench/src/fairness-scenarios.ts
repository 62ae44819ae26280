import { type ApiClient, startReceiver } from "@triggers/testing";
import { publishBacklog, startDeliverySystem } from "./delivery-system.ts";
import { type LatencyRun, measureLatency } from "./measure-latency.ts";
import type { BenchOptions } from "./options.ts";
import type { Scenario } from "./report.ts";
import type { Stack } from "./stack.ts";
import { format } from "./statistics.ts";

const heading = ["", "ingest p50 ms", "ingest p99 ms", "POST to receipt p50 ms", "POST to receipt p99 ms"];
const columns = ["ingestP50", "ingestP99", "deliveryP50", "deliveryP99"] as const;

type Runs = Record<"alone" | "beside", LatencyRun[]>;

function tableOf(runs: Runs, beside: string): string[][] {
  const row = (title: string, name: keyof Runs) => [
    title,
    ...columns.map((column) =>
      format(
        runs[name].map((run) => run[column]),
        1,
      ),
    ),
  ];
  return [heading, row("alone", "alone"), row(beside, "beside")];
}

/** R7: a healthy endpoint alone, and beside one of another organization that never answers and has 2 000 waiting. */
export async function measureBesideHanging(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const runs: Runs = { alone: [], beside: [] };
  for (let turn = 1; turn <= options.runs; turn += 1) {
    const system = await startDeliverySystem(stack);
    const [healthy, hanging] = [await startReceiver(), await startReceiver(() => undefined)];
    const client = await system.createClient(healthy.url);
    await measureLatency(client, healthy, 2);
    runs.alone.push(await measureLatency(client, healthy, options.latencySeconds));
    await publishBacklog(await system.createClient(hanging.url), 2_000);
    await hanging.waitFor(10);
    runs.beside.push(await measureLatency(client, healthy, options.latencySeconds));
    await hanging.close();
    await system.stop();
    await healthy.close();
  }
  const title = "a healthy endpoint at 20 events/s, alone and beside one that hangs with 2 000 waiting";
  return { name: "R7", title, rows: tableOf(runs, "beside a hanging endpoint"), raw: runs };
}

/** R8: an organization alone, and while another floods at the highest tier's limit, each with its endpoint. */
export async function measureBesideFlood(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const runs: Runs = { alone: [], beside: [] };
  for (let turn = 1; turn <= options.runs; turn += 1) {
    const system = await startDeliverySystem(stack);
    const [quiet, flooded] = [await startReceiver(), await startReceiver()];
    const client = await system.createClient(quiet.url);
    await measureLatency(client, quiet, 2);
    runs.alone.push(await measureLatency(client, quiet, options.latencySeconds));
    const flood = startFlood(await system.createClient(flooded.url));
    runs.beside.push(await measureLatency(client, quiet, options.latencySeconds));
    const sent = await flood.stop();
    console.error(
      `R8 turn ${turn}: ${sent} events of the flood were accepted, ${flooded.received.length} delivered`,
    );
    await system.stop();
    await Promise.all([quiet.close(), flooded.close()]);
  }
  const title = "an organization at 20 events/s, alone and while another sends 1 667 events/s";
  return { name: "R8", title, rows: tableOf(runs, "beside a flood"), raw: runs };
}

/** 100 000 events a minute: the enterprise tier's limit. */
function startFlood(client: ApiClient) {
  const stopping = new AbortController();
  let sent = 0;
  const startedAt = performance.now();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * (100_000 / 60)) - sent;
      if (due > 0) await publishBacklog(client, Math.min(due, 1_000));
      sent += Math.max(0, Math.min(due, 1_000));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
      return sent;
    },
  };
}
