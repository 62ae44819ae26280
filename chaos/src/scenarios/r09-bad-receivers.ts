import { setTimeout as pause } from "node:timers/promises";
import { startBadReceiver } from "../bad-receiver.ts";
import { deliveryDelays } from "../delivery-delays.ts";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import { memoryOf } from "../memory.ts";
import { type Check, mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import type { ShownEvent, Webhook } from "../system.ts";

const timeoutMs = 3_000;

/** How the first attempt at each must end. The code of a broken connection depends on when the kernel noticed. */
const expected: Record<string, (shown: SeenEvent) => boolean> = {
  reset: (shown) => first(shown).status === null && /reset|network/.test(first(shown).errorCode ?? ""),
  silence: (shown) => first(shown).errorCode === "timeout",
  drip: (shown) => first(shown).errorCode === "timeout",
  flood: (shown) => first(shown).status === 200 && shown.deliveryStatus === "delivered",
  redirect: (shown) => first(shown).errorCode === "redirect_refused",
  // The first 410 disables the endpoint: what has not been attempted by then is not attempted any more.
  gone: (shown) =>
    shown.attempts.length === 0
      ? /^(skipped|pending)$/.test(shown.deliveryStatus)
      : first(shown).status === 410 && shown.deliveryStatus === "failed",
  busy: (shown) => first(shown).status === 429 && shown.waitsMs > 60_000,
  nul: (shown) => first(shown).status === 200 && shown.deliveryStatus === "delivered",
  garbage: (shown) => first(shown).status === null && first(shown).errorCode !== null,
  tls: (shown) => first(shown).errorCode === "tls_failure",
};

/** Beside the load to healthy receivers, one organization for each kind of bad one, with ten events each. */
export const badReceivers: Scenario = {
  name: "R9",
  title: "receivers that misbehave",
  target: "each ends as promised, in bounded time and memory",
  roles: ["worker"],
  async run(world) {
    const bad = await startBadReceiver();
    const checks: Check[] = [];
    let healthyMs = 0;
    const finding = await runUnderLoad(world, { gateways: 1, workers: 1 }, async (experiment) => {
      const { system, ledger } = experiment;
      const [worker] = system.parts("worker");
      const before = worker ? memoryOf(worker.pid) : 0;
      const startedAt = performance.now();
      const kinds = Object.keys(expected);
      const shown = await Promise.all(
        kinds.map((kind) => sendTo(experiment, { url: bad.urlOf(kind), timeoutMs })),
      );
      for (const [index, kind] of kinds.entries()) {
        const wrong = shown[index]?.filter((event) => expected[kind]?.(event) !== true) ?? [];
        checks.push(
          mustHold(`${kind} ends as promised`, wrong.length === 0, describe(wrong[0] ?? shown[index]?.[0])),
          mustHold(`${kind} was attempted`, shown[index]?.some(isAttempted) ?? false),
        );
        const slowest = Math.max(...(shown[index] ?? []).map((event) => first(event).durationMs));
        checks.push(mustTake(`${kind} ends`, slowest, timeoutMs + 1_000, world));
      }
      await pause(2_000);
      healthyMs = deliveryDelays(ledger, startedAt, performance.now() - 1_500).p99Ms;
      checks.push(mustTake("healthy deliveries meanwhile, p99", healthyMs, 1_000, world));
      const grown = (worker ? memoryOf(worker.pid) : 0) - before;
      checks.push(mustHold("the worker's memory stays", grown < 200, `${grown.toFixed()} MB more`));
    });
    await bad.close();
    return { ...rowOf(finding, undefined, checks), measured: `healthy p99 ${healthyMs.toFixed()} ms` };
  },
};

interface SeenEvent extends ShownEvent {
  /** From when it was looked at until its next attempt. */
  waitsMs: number;
}

async function sendTo({ system }: Experiment, webhook: Webhook): Promise<SeenEvent[]> {
  const client = await system.createClient(webhook);
  const [gateway] = system.parts("gateway");
  if (!gateway) throw new Error("No gateway is running.");
  const look = async (id: string) => {
    const event = await system.show(client, id);
    return { ...event, waitsMs: msUntil(event.nextAttemptAt) };
  };
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => system.publish(client, { number: -1 - index }, gateway)),
  );
  return Promise.all(
    answers.map(async ({ id = "" }) => {
      for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 500) {
        const event = await look(id);
        const hasEnded = event.deliveryStatus === "skipped" || event.deliveryStatus === "cancelled";
        if (event.attempts.length > 0 || hasEnded) return event;
        await pause(500);
      }
      return look(id);
    }),
  );
}

const isAttempted = ({ attempts }: ShownEvent) => attempts.length > 0;

function first({ attempts }: ShownEvent): ShownEvent["attempts"][number] {
  return attempts[0] ?? { status: null, errorCode: null, durationMs: 0 };
}

function msUntil(time: string | null): number {
  return time === null ? 0 : Date.parse(time) - Date.now();
}

function describe(event: ShownEvent | undefined): string {
  const [attempt] = event?.attempts ?? [];
  return `${event?.deliveryStatus}, ${attempt?.status ?? "no status"}, ${attempt?.errorCode ?? "no error"}`;
}
