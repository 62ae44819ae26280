import type { Experiment, Finding } from "./experiment.ts";
import { mustHold, mustTake, rowOf, type Row } from "./scenario.ts";
import { statusesOutside } from "./statuses.ts";
import type { World } from "./world.ts";

/** Until events are acknowledged and delivered again, whichever is later, in milliseconds; says so. */
export async function untilRecovered(experiment: Experiment, world: World, what: string): Promise<number> {
  const [acknowledgedMs, deliveredMs] = await Promise.all([
    experiment.untilAcknowledged(),
    experiment.untilDelivered(),
  ]);
  world.say(
    `${what}: acknowledges after ${acknowledgedMs.toFixed()} ms, delivers after ${deliveredMs.toFixed()} ms`,
  );
  return Math.max(acknowledgedMs, deliveredMs);
}

/** What a queue that was away and came back must have done to its clients. */
export function judgeQueueOutage(finding: Finding, recoveryMs: number, world: World): Row {
  const { ledger } = finding.experiment;
  const others = statusesOutside(ledger, ["202", "409", "503"]);
  return rowOf(finding, recoveryMs, [
    mustHold("every answer is 202, 409 or 503", others === "", others || "yes"),
    mustTake("the slowest refusal", ledger.slowestRefusalMs, 1_000, world),
    mustTake("acknowledges and delivers again", recoveryMs, 5_000, world),
  ]);
}
