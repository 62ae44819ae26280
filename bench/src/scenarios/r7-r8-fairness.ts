import { type ApiClient, startReceiver } from "@triggers/testing";
import { publishBacklog, startDeliverySystem } from "../delivery-system.ts";
import { startEndpoint } from "../endpoint.ts";
import { type LatencyRun, measureLatency } from "../measure-latency.ts";
import type { Figure } from "../figure.ts";
import type { BenchOptions } from "../options.ts";
import type { Scenario } from "../scenario.ts";
import type { Stack } from "../stack.ts";
import { format } from "../statistics.ts";

const heading = ["", "ingest p50 ms", "ingest p99 ms", "POST to receipt p50 ms", "POST to receipt p99 ms"];
const columns = ["ingestP50", "ingestP99", "deliveryP50", "deliveryP99"] as const;

const secondsOf = (options: BenchOptions) => options.seconds ?? options.pick(30, 5);

type Runs = Record<"alone" | "beside", LatencyRun[]>;

/** What the company costs, in milliseconds: a fifth of the time alone counts as none. */
function rise(runs: Runs, column: (typeof columns)[number], atMost: number): Figure {
  const values = runs.beside.map((run, index) => {
    const alone = runs.alone[index]?.[column] ?? 0;
    return run[column] <= alone * 1.2 ? 0 : run[column] - alone;
  });
  return { name: `rise of ${column}`, unit: "ms", digits: 1, values, target: { atMost } };
}

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
    runs.alone.push(await measureLatency(client, healthy, secondsOf(options)));
    await publishBacklog(await system.createClient(hanging.url), 2_000);
    await hanging.waitFor(10);
    runs.beside.push(await measureLatency(client, healthy, secondsOf(options)));
    await hanging.close();
    await system.stop();
    await healthy.close();
  }
  const title = "a healthy endpoint at 20 events/s, alone and beside one that hangs with 2 000 waiting";
  return {
    title,
    rows: tableOf(runs, "beside a hanging endpoint"),
    figures: [rise(runs, "deliveryP99", 50)],
    raw: runs,
  };
}

/** The load of all such targets; the highest tier's limit, 1 667, is more than two cores can deliver. */
const floodPerSecond = 500;

/** R8: an organization alone, and while another floods at its limit (500 events/s, or `--rate`), each with its endpoint. */
export async function measureBesideFlood(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const perSecond = options.perSecond ?? floodPerSecond;
  const runs: Runs = { alone: [], beside: [] };
  for (let turn = 1; turn <= options.runs; turn += 1) {
    const system = await startDeliverySystem(stack);
    // In a process of its own: what it costs to receive the flood must not delay what measures.
    const [quiet, flooded] = [await startReceiver(), await startEndpoint()];
    const client = await system.createClient(quiet.url);
    await measureLatency(client, quiet, 2);
    runs.alone.push(await measureLatency(client, quiet, secondsOf(options)));
    const flood = startFlood(await system.createClient(flooded.url), perSecond);
    runs.beside.push(await measureLatency(client, quiet, secondsOf(options)));
    const sent = await flood.stop();
    const [{ count } = { count: "0" }] = await system.query<{ count: string }>(
      "SELECT count(*) FROM deliveries WHERE status = 'delivered'",
    );
    console.error(
      `R8 turn ${turn}: ${sent} events of the flood were accepted, ${count} of all are delivered`,
    );
    await system.stop();
    await Promise.all([quiet.close(), flooded.stop()]);
  }
  const title = `an organization at 20 events/s, alone and while another sends ${Math.round(perSecond)} events/s`;
  return {
    title,
    rows: tableOf(runs, "beside a flood"),
    figures: [rise(runs, "ingestP99", 5), rise(runs, "deliveryP99", 100)],
    raw: runs,
  };
}

function startFlood(client: ApiClient, perSecond: number) {
  const stopping = new AbortController();
  let sent = 0;
  const startedAt = performance.now();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) - sent;
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
