import type { Finding } from "./experiment.ts";
import type { Role } from "./system.ts";
import type { World } from "./world.ts";

/** One thing that a scenario requires, and what it saw. */
export interface Check {
  what: string;
  seen: string;
  isMet: boolean;
}

/** One row of the table. */
export interface Row {
  acknowledged: number;
  persisted: number;
  delivered: number;
  lost: number;
  duplicates: number;
  longestOutageMs: number;
  /** From the end of a fault, or from the kill, until the scenario's own sign of health; the longest over all faults. */
  recoveryMs: number | undefined;
  /** Times that the scenario is about, beside the recovery, in a few words. */
  measured?: string;
  checks: Check[];
  /** Why it was left out: neither met nor missed. */
  notRun?: string;
}

export interface Scenario {
  name: string;
  /** The fault, in a few words. */
  title: string;
  /** What TARGETS asks, in a few words. */
  target: string;
  /** Whom it hurts, or looks into: a system without one of these roles cannot be asked. */
  roles: readonly Role[];
  /** What this machine lacks for it, in a few words. */
  obstacle?: () => string | undefined;
  run(world: World): Promise<Row>;
}

/** A fact that holds on any machine, however busy. */
export function mustHold(what: string, isMet: boolean, seen = isMet ? "yes" : "no"): Check {
  return { what, seen, isMet };
}

/** A time, against its target times the slack of this run. */
export function mustTake(what: string, ms: number, targetMs: number, world: World): Check {
  const seen = `${Math.round(ms)} ms`;
  return { what: `${what} ≤ ${targetMs} ms`, seen, isMet: ms <= targetMs * world.slack };
}

/** The row of a run under load with what every scenario requires: nothing lost, nothing contradictory, no crash. */
export function rowOf(
  finding: Finding,
  recoveryMs: number | undefined,
  checks: readonly Check[],
  { mayLose = false }: { mayLose?: boolean } = {},
): Row {
  const { notPersisted, notDelivered, putAside, contradictions, experiment } = finding;
  const missing = new Set([...notPersisted, ...notDelivered]);
  const examples = [...missing]
    .slice(0, 3)
    .map((number) => `${number} ${experiment.ledger.entries.get(number)?.id}`);
  const skipped = experiment.load.skipped();
  const crashes = experiment.system.crashes();
  return {
    acknowledged: finding.acknowledged,
    persisted: finding.persisted,
    delivered: finding.delivered,
    lost: missing.size,
    duplicates: finding.duplicates,
    longestOutageMs: finding.longestOutageMs,
    recoveryMs,
    checks: [
      mustHold("something was acknowledged", finding.acknowledged > 0, `${finding.acknowledged}`),
      mustHold(
        mayLose ? "what was lost, which is not promised otherwise" : "nothing is lost",
        mayLose || missing.size === 0,
        missing.size === 0 ? "0" : `${missing.size}: ${examples.join(", ")}`,
      ),
      mustHold("nothing is put aside as a dead letter", putAside === 0, `${putAside}`),
      mustHold("no contradiction", contradictions.length === 0, contradictions.join("; ") || "none"),
      mustHold("no process ended by itself", crashes.length === 0, crashes.join("; ") || "none"),
      ...(skipped > 0
        ? [mustHold("arrivals left out (this machine is too busy for the rate)", true, `${skipped}`)]
        : []),
      ...checks,
    ],
  };
}

const emptyRow: Row = {
  ...{ acknowledged: 0, persisted: 0, delivered: 0, lost: 0, duplicates: 0 },
  ...{ longestOutageMs: 0, recoveryMs: undefined, checks: [] },
};

/** A scenario that could not be run to its end has shown nothing. */
export function brokenRow(error: unknown): Row {
  const seen = Error.isError(error) ? (error.stack ?? error.message) : String(error);
  return { ...emptyRow, checks: [mustHold("it ran to its end", false, seen)] };
}

export function notRunRow(reason: string): Row {
  return { ...emptyRow, notRun: reason };
}
