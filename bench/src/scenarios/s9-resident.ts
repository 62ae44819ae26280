import { readFileSync } from "node:fs";
import { waitUntilDrained } from "../backlog.ts";
import { type PipelineName, startPipeline } from "../pipeline.ts";
import { eventBody } from "../sample-event.ts";
import type { MeasureScenario } from "../scenario.ts";
import { sendLoad } from "../send-load.ts";
import type { Stack } from "../stack.ts";
import { verifyPersisted } from "../verify-persisted.ts";

/** In MB. */
interface Sample {
  events: number;
  gateway: number;
  worker: number;
}

const parts = 10;

/** S9: the resident size of gateway and worker while many events pass; one run, since it is a long one. */
export const measureResident: MeasureScenario = async (stack, options) => {
  const events = options.events ?? options.pick(1_000_000, 20_000);
  const samples = {
    // What a server and a worker need that do hardly anything: so much is the platform's.
    floor: await passEvents("floor", stack, Math.ceil(events / 5), {}),
    product: await passEvents("product", stack, events, options.productSettings),
  };
  const last = samples.product.at(-1);
  const middle = samples.product[Math.floor(parts / 2) - 1];
  return {
    title: `resident size while events pass at 50 connections; gateway, one worker`,
    rows: [
      ["", "events passed", "gateway MB", "worker MB"],
      ...Object.entries(samples).flatMap(([name, ofName]) =>
        ofName.map(({ events: passed, gateway, worker }) => [
          name,
          String(passed),
          gateway.toFixed(0),
          worker.toFixed(0),
        ]),
      ),
    ],
    figures: (["gateway", "worker"] as const).flatMap((app) => [
      {
        name: `resident size of the ${app}`,
        unit: "MB",
        digits: 0,
        values: [last?.[app] ?? NaN],
        target: { atMost: 200 },
      },
      {
        name: `growth of the ${app} over the second half`,
        unit: "×",
        digits: 2,
        values: [(last?.[app] ?? NaN) / (middle?.[app] ?? NaN)],
        target: { atMost: 1.1 },
      },
    ]),
    raw: samples,
  };
};

async function passEvents(
  name: PipelineName,
  stack: Stack,
  events: number,
  productSettings: Record<string, string>,
): Promise<Sample[]> {
  const share = Math.ceil(events / parts);
  const samples: Sample[] = [];
  const pipeline = await startPipeline(name, stack, undefined, productSettings);
  try {
    const { target, prefix, gateway, worker, database } = pipeline;
    for (let part = 1; part <= parts; part++) {
      await sendLoad({ target, connections: 50, requests: share, bodyOf: eventBody });
      await waitUntilDrained(stack, prefix, 600_000);
      const sample = { gateway: residentMb(gateway.pid), worker: residentMb(worker.pid) };
      samples.push({ events: part * share, ...sample });
      console.error(`S9-resident: ${name} ${JSON.stringify(samples.at(-1))}`);
    }
    await verifyPersisted(name, stack, database.url, parts * share);
    return samples;
  } finally {
    await pipeline.stop();
  }
}

function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kilobytes) * 1_024) / 1e6;
}
