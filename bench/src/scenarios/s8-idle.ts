import { setTimeout as pause } from "node:timers/promises";
import type { AppProcess } from "@triggers/testing";
import { cpuSecondsOf } from "../cpu-time.ts";
import { startPipeline } from "../pipeline.ts";
import { runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";
import { startDrainWorker } from "../servers.ts";
import type { Stack } from "../stack.ts";
import { takeTurns } from "../take-turns.ts";
import { countTransactions } from "../transactions.ts";

interface IdleRun {
  /** A minute, by application_name. */
  transactions: Record<string, number>;
  /** CPU in % of one core. */
  cpu: Record<string, number>;
}

const total = ({ transactions }: IdleRun) =>
  Object.values(transactions).reduce((sum, count) => sum + count, 0);
const settleMs = 5_000;

/** S8: one gateway and two workers with nothing to do. */
export const measureIdle: MeasureScenario = async (stack, options) => {
  const seconds = options.seconds ?? options.pick(60, 15);
  const settings = options.productSettings;
  const { idle } = await takeTurns(
    "S8",
    options.runs,
    ["idle"],
    () => measure(stack, seconds, settings),
    (run) => `${total(run).toFixed(1)} transactions/min`,
  );
  const parts = Object.keys(idle[0]?.cpu ?? {});
  const applications = [...new Set(idle.flatMap(({ transactions }) => Object.keys(transactions)))];
  return {
    title: `idle for ${seconds} s: gateway and two workers`,
    rows: runTable<IdleRun>(
      [
        { heading: "transactions/min", digits: 1, of: total },
        ...applications.map((name) => ({
          heading: name,
          digits: 1,
          of: ({ transactions }: IdleRun) => transactions[name] ?? 0,
        })),
        ...parts.map((part) => ({
          heading: `${part} CPU %`,
          digits: 2,
          of: ({ cpu }: IdleRun) => cpu[part] ?? 0,
        })),
      ],
      { idle },
    ),
    figures: [
      { name: "transactions", unit: "per minute", digits: 1, values: idle.map(total), target: { atMost: 4 } },
      ...parts.map((part) => ({
        name: `CPU of ${part}`,
        unit: "% of a core",
        digits: 2,
        values: idle.map(({ cpu }) => cpu[part] ?? 0),
        target: { atMost: 1 },
      })),
    ],
    raw: { seconds, idle },
  };
};

async function measure(stack: Stack, seconds: number, settings: Record<string, string>): Promise<IdleRun> {
  const pipeline = await startPipeline("product", stack, undefined, settings);
  const second = await startDrainWorker("product", stack, pipeline.database.url, settings);
  try {
    await pause(settleMs);
    const before = readCpu(stack, pipeline.gateway, [pipeline.worker, second]);
    const counts = await countTransactions(stack, pipeline.database.url, () => pause(seconds * 1_000));
    const after = readCpu(stack, pipeline.gateway, [pipeline.worker, second]);
    const perMinute = (count: number) => (count * 60) / seconds;
    return {
      transactions: Object.fromEntries(
        Object.entries(counts).map(([name, count]) => [name, perMinute(count)]),
      ),
      cpu: Object.fromEntries(
        Object.entries(after).map(([part, used]) => [part, (100 * (used - (before[part] ?? 0))) / seconds]),
      ),
    };
  } finally {
    await second.stop();
    await pipeline.stop();
  }
}

function readCpu(stack: Stack, gateway: AppProcess, workers: AppProcess[]): Record<string, number> {
  return {
    gateway: cpuSecondsOf(gateway.pid),
    ...Object.fromEntries(workers.map(({ pid }, index) => [`worker ${index + 1}`, cpuSecondsOf(pid)])),
    redis: cpuSecondsOf(stack.redisPid),
    postgres: cpuSecondsOf(stack.postmasterPid, true),
  };
}
