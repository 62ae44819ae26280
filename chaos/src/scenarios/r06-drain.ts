import { setTimeout as pause } from "node:timers/promises";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { failedRequests } from "../statuses.ts";
import { startHangingReceiver } from "../hanging-receiver.ts";
import type { Part } from "../system.ts";

/** Each process is told to end while its successor already runs. One endpoint holds its answers back for ever. */
export const drain: Scenario = {
  name: "R6",
  title: "SIGTERM to each process",
  target: "0 failed in flight, exit 0 ≤ 40 s, open POSTs interrupted",
  roles: ["gateway", "worker"],
  async run(world) {
    const exits: { name: string; code: number | string; tookMs: number }[] = [];
    let [interrupted, cut] = [0, 0];
    const hanging = await startHangingReceiver();
    const end = async ({ system }: Experiment, part: Part) => {
      const begunAt = performance.now();
      system.signal(part, "SIGTERM");
      const code = await part.exited;
      exits.push({ name: part.name, code, tookMs: performance.now() - begunAt });
      world.say(`${part.name} ended with ${code} after ${(performance.now() - begunAt).toFixed()} ms`);
    };
    // A POST must still be open when the drain cuts it; on a busy machine it may have begun long before.
    const workerSettings = world.slack > 1 ? { DRAIN_POST_LIMIT_MS: "5000" } : {};
    const finding = await runUnderLoad(
      world,
      { gateways: 2, workers: 2, workerSettings },
      async (experiment) => {
        const { system } = experiment;
        const hung = await system.createClient({ url: hanging.url, timeoutMs: 30_000 });
        for (const gateway of system.parts("gateway")) {
          await system.start("gateway");
          await end(experiment, gateway);
          await pause(500);
        }
        const workers = system.parts("worker");
        await Promise.all(workers.map(() => system.start("worker")));
        const [gateway] = system.parts("gateway");
        if (!gateway) throw new Error("No gateway is left.");
        const ids: string[] = [];
        for (let number = 0; number < 20; number += 1) {
          const { id } = await system.publish(hung, { number: -1 - number }, gateway);
          if (id !== undefined) ids.push(id);
        }
        // No more are open at once. Nothing else is waited for: an open POST times out after half a minute.
        await hanging.waitFor(10);
        await Promise.all(workers.map((worker) => end(experiment, worker)));
        cut = hanging.countCut();
        const shown = await Promise.all(ids.map((id) => system.show(hung, id)));
        interrupted = shown.filter(({ attempts }) =>
          attempts.some(({ errorCode }) => errorCode === "interrupted"),
        ).length;
      },
    );
    await hanging.close();
    const slowest = Math.max(...exits.map(({ tookMs }) => tookMs));
    const badExits = exits.filter(({ code }) => code !== 0).map(({ name, code }) => `${name}: ${code}`);
    const failures = failedRequests(finding.experiment.ledger, world);
    return rowOf(finding, slowest, [
      mustHold("every request in flight was answered 202", failures === "", failures || "yes"),
      mustHold("every exit code is 0", badExits.length === 0, badExits.join(", ") || "0"),
      mustTake("the slowest exit", slowest, 40_000, world),
      mustHold(
        "open POSTs are recorded as interrupted",
        interrupted === cut && cut > 0,
        `${interrupted} of ${cut}`,
      ),
    ]);
  },
};
