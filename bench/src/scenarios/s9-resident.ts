import { readFileSync } from "node:fs";
import { waitUntilDrained } from "../backlog.ts";
import { startPipeline } from "../pipeline.ts";
import { eventBody } from "../sample-event.ts";
import type { MeasureScenario } from "../scenario.ts";
import { sendLoad } from "../send-load.ts";
import { verifyPersisted } from "../verify-persisted.ts";

const parts = 10;

/** S9: the resident size of gateway and worker while many events pass; one run, since it is a long one. */
export const measureResident: MeasureScenario = async (stack, options) => {
  const events = options.events ?? options.pick(1_000_000, 20_000);
  const share = Math.ceil(events / parts);
  const pipeline = await startPipeline("product", stack, undefined, options.productSettings);
  const samples: { events: number; gateway: number; worker: number }[] = [];
  try {
    const { target, prefix, gateway, worker, database } = pipeline;
    for (let part = 1; part <= parts; part++) {
      await sendLoad({ target, connections: 50, requests: share, bodyOf: eventBody });
      await waitUntilDrained(stack, prefix, 600_000);
      samples.push({
        events: part * share,
        gateway: residentMb(gateway.pid),
        worker: residentMb(worker.pid),
      });
      console.error(`S9-resident: ${JSON.stringify(samples.at(-1))}`);
    }
    await verifyPersisted("product", stack, database.url, parts * share);
  } finally {
    await pipeline.stop();
  }
  const last = samples.at(-1);
  const middle = samples[Math.floor(parts / 2) - 1];
  return {
    title: `resident size while ${parts * share} events pass at 50 connections; gateway, one worker`,
    rows: [
      ["", "gateway MB", "worker MB"],
      ...samples.map((sample) => [
        `after ${sample.events} events`,
        sample.gateway.toFixed(0),
        sample.worker.toFixed(0),
      ]),
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

function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kilobytes) * 1_024) / 1e6;
}
