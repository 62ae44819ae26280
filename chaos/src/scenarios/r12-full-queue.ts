import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { statusesOutside } from "../statuses.ts";

/** No worker runs until the queue is full. */
export const fullQueue: Scenario = {
  name: "R12",
  title: "queue past MAX_QUEUE_DEPTH",
  target: "503 with Retry-After, recovers by itself",
  roles: ["worker"],
  async run(world) {
    let recoveryMs = 0;
    const maxDepth = world.rate * 5;
    const gatewaySettings = { MAX_QUEUE_DEPTH: String(maxDepth) };
    const setup = { gateways: 2, workers: 0, gatewaySettings };
    let acknowledgedWhenFull = 0;
    const finding = await runUnderLoad(world, setup, async ({ system, ledger, untilAcknowledged }) => {
      const refused = () => ledger.answers.get("503") ?? 0;
      for (let waitedMs = 0; refused() === 0 && waitedMs < 120_000; waitedMs += 100) await pause(100);
      await pause(5_000);
      acknowledgedWhenFull = ledger.acknowledgedAt.length;
      world.say(`full with ${acknowledgedWhenFull} acknowledged, ${refused()} refused`);
      await system.start("worker");
      const refusedBefore = refused();
      recoveryMs = await untilAcknowledged();
      // It must stay open: what it took is drained while more comes.
      await pause(5_000);
      world.say(`${refused() - refusedBefore} refused while it drained`);
    });
    const { ledger } = finding.experiment;
    const others = statusesOutside(ledger, ["202", "409", "503"]);
    const refused = ledger.answers.get("503") ?? 0;
    return rowOf(finding, recoveryMs, [
      mustHold("it refused", refused > 0, `${refused}`),
      mustHold("every answer is 202, 409 or 503", others === "", others || "yes"),
      mustHold("every 503 has Retry-After", ledger.bare503s === 0, `${ledger.bare503s} have none`),
      // Depth is sampled twice a second.
      mustHold(
        "it holds not much more than the limit",
        acknowledgedWhenFull <= maxDepth + world.rate * 2 * world.slack,
        `${acknowledgedWhenFull} of ${maxDepth}`,
      ),
      mustTake("acknowledges again", recoveryMs, 10_000, world),
    ]);
  },
};
