import type { Scenario } from "./scenario.ts";
import { killGateways } from "./scenarios/r01-kill-gateways.ts";
import { killWorkers } from "./scenarios/r02-kill-workers.ts";
import { killQueue } from "./scenarios/r03-kill-queue.ts";
import { killStore } from "./scenarios/r04-kill-store.ts";
import { wipeQueue } from "./scenarios/r05-wipe-queue.ts";
import { drain } from "./scenarios/r06-drain.ts";
import { hangingEndpoint } from "./scenarios/r07-hanging-endpoint.ts";
import { flood } from "./scenarios/r08-flood.ts";
import { badReceivers } from "./scenarios/r09-bad-receivers.ts";
import { sameDedupId } from "./scenarios/r10-same-dedup-id.ts";
import { malformed } from "./scenarios/r11-malformed.ts";
import { fullQueue } from "./scenarios/r12-full-queue.ts";
import { freeze } from "./scenarios/r13-freeze.ts";
import { readers } from "./scenarios/r14-readers.ts";
import { fullDisk } from "./scenarios/r15-full-disk.ts";
import { wrongClock } from "./scenarios/r16-wrong-clock.ts";
import { rollingRestart } from "./scenarios/r17-rolling-restart.ts";
import { syncBeforeAnswer } from "./scenarios/r18-sync-before-answer.ts";
import { moveQueue } from "./scenarios/r19-move-queue.ts";
import { failoverReplicated, failoverStrict } from "./scenarios/r20-failover.ts";
import { killEachKind } from "./scenarios/quick.ts";

export const scenarios: readonly Scenario[] = [
  killGateways,
  killWorkers,
  killQueue,
  killStore,
  wipeQueue,
  drain,
  hangingEndpoint,
  flood,
  badReceivers,
  sameDedupId,
  malformed,
  fullQueue,
  freeze,
  readers,
  fullDisk,
  wrongClock,
  rollingRestart,
  syncBeforeAnswer,
  moveQueue,
  failoverReplicated,
  failoverStrict,
];

/** What `--quick` runs, unless `--only` names others. */
export const quickScenarios: readonly Scenario[] = [killEachKind];
