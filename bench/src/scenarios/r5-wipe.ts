import { setTimeout as pause } from "node:timers/promises";
import { startReceiver } from "@triggers/testing";
import { publishBacklog, startDeliverySystem } from "../delivery-system.ts";
import type { BenchOptions } from "../options.ts";
import type { Scenario } from "../scenario.ts";
import type { Stack } from "../stack.ts";
import { format } from "../statistics.ts";

const events = 2_000;

interface WipeRun {
  openBefore: number;
  parkedBefore: number;
  missing: number;
  seconds: number;
}

/** R5: FLUSHALL with deliveries pending, parked and waiting for their retry, under the sweeper's real times. */
export async function measureWipe(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const runs: WipeRun[] = [];
  for (let turn = 1; turn <= options.runs; turn += 1) runs.push(await wipeOnce(stack));
  const column = (key: keyof WipeRun, digits = 0) =>
    format(
      runs.map((run) => run[key]),
      digits,
    );
  return {
    title: `FLUSHALL with ${events} persisted deliveries to two endpoints, one failing and one hanging`,
    rows: [
      ["open before", "of them parked", "missing after", "seconds until the last one"],
      [column("openBefore"), column("parkedBefore"), column("missing"), column("seconds", 1)],
    ],
    figures: [
      {
        ...{ name: "missing after FLUSHALL", unit: "deliveries", digits: 0, target: { atMost: 0 } },
        values: runs.map(({ missing }) => missing),
      },
    ],
    raw: runs,
  };
}

async function wipeOnce(stack: Stack): Promise<WipeRun> {
  const system = await startDeliverySystem(stack);
  const failing = await startReceiver((_webhook, res) => void res.writeHead(500).end());
  const hanging = await startReceiver(() => undefined);
  for (const receiver of [failing, hanging])
    await publishBacklog(await system.createClient(receiver.url), events / 2);
  const count = async (where: string) => {
    const [row] = await system.query<{ count: string }>(`SELECT count(*) FROM deliveries WHERE ${where}`);
    return Number(row?.count);
  };
  while ((await count("true")) < events) await pause(200);
  await failing.waitFor(20);
  await pause(1_000);
  const [openBefore, parkedBefore] = [
    await count("status IN ('pending', 'retrying')"),
    await count("parked_as IS NOT NULL"),
  ];
  await stack.redis.flushall();
  const startedAt = performance.now();
  for (const receiver of [failing, hanging]) receiver.respondWith((_webhook, res) => void res.end());
  const isOver = async () => (await count("status IN ('pending', 'retrying')")) === 0;
  while (performance.now() - startedAt < 600_000 && !(await isOver())) await pause(500);
  const seconds = (performance.now() - startedAt) / 1_000;
  const missing = events - (await count("status = 'delivered'"));
  await system.stop();
  await Promise.all([failing.close(), hanging.close()]);
  if (missing > 0) throw new Error(`${missing} of ${events} deliveries did not go out after FLUSHALL.`);
  return { openBefore, parkedBefore, missing, seconds };
}
