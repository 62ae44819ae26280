import type { Scenario } from "./scenario.ts";
import { killGateways } from "./scenarios/r01-kill-gateways.ts";
import { killWorkers } from "./scenarios/r02-kill-workers.ts";
import { killQueue } from "./scenarios/r03-kill-queue.ts";
import { killStore } from "./scenarios/r04-kill-store.ts";
import { wipeQueue } from "./scenarios/r05-wipe-queue.ts";
import { drain } from "./scenarios/r06-drain.ts";
import { sameDedupId } from "./scenarios/r10-same-dedup-id.ts";
import { freeze } from "./scenarios/r13-freeze.ts";

export const scenarios: readonly Scenario[] = [
  killGateways,
  killWorkers,
  killQueue,
  killStore,
  wipeQueue,
  drain,
  sameDedupId,
  freeze,
];

/** Those of `--quick`: one real kill of each process, and the promise that a client notices first. */
export const quickScenarios: readonly string[] = ["R1", "R2", "R3", "R10"];
