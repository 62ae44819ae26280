import { setTimeout as pause } from "node:timers/promises";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { statusesOutside } from "../statuses.ts";
import type { Role } from "../system.ts";

/** Unlike a dead server a frozen one keeps its connections open: nobody is told. */
export const freeze: Scenario = {
  name: "R13",
  title: "Redis, then Postgres frozen for 30 s",
  target: "as R3 and R4",
  roles: ["queue", "store"],
  async run(world) {
    const frozenMs = world.isQuick ? 5_000 : 30_000;
    let recoveryMs = 0;
    let refusedByStore = "";
    const freezeFor = async (experiment: Experiment, role: Role) => {
      const { system } = experiment;
      const [part] = system.parts(role);
      if (!part) throw new Error(`No ${role} is running.`);
      system.signal(part, "SIGSTOP");
      await pause(frozenMs);
      system.signal(part, "SIGCONT");
      const [acknowledgedMs, deliveredMs] = await Promise.all([
        experiment.untilAcknowledged(),
        experiment.untilDelivered(),
      ]);
      world.say(
        `${role} thawed: acknowledges after ${acknowledgedMs.toFixed()} ms, delivers after ${deliveredMs.toFixed()} ms`,
      );
      return { acknowledgedMs, deliveredMs };
    };
    const finding = await runUnderLoad(world, { gateways: 2, workers: 2 }, async (experiment) => {
      const queue = await freezeFor(experiment, "queue");
      recoveryMs = Math.max(queue.acknowledgedMs, queue.deliveredMs);
      await pause(3_000);
      const before = new Map(experiment.ledger.answers);
      await freezeFor(experiment, "store");
      const during = [...experiment.ledger.answers].filter(
        ([name, count]) => count > (before.get(name) ?? 0),
      );
      refusedByStore = during
        .map(([name]) => name)
        .filter((name) => name !== "202")
        .join(", ");
    });
    const { ledger } = finding.experiment;
    const others = statusesOutside(ledger, ["202", "409", "503"]);
    return rowOf(finding, recoveryMs, [
      mustHold("every answer is 202, 409 or 503", others === "", others || "yes"),
      mustHold("with Postgres frozen every answer is 202", refusedByStore === "", refusedByStore || "yes"),
      mustTake("the slowest refusal", ledger.slowestRefusalMs, 1_000, world),
      mustTake("acknowledges and delivers again after Redis", recoveryMs, 5_000, world),
    ]);
  },
};
