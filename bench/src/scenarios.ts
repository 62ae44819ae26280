import type { MeasureScenario } from "./scenario.ts";

/** In the order in which they run; one line for each. `--only S7` takes all whose names begin with `S7-`, too. */
export const scenarios: Readonly<Record<string, () => Promise<MeasureScenario>>> = {
  S1: () => import("./scenarios/s1-sequential.ts").then((file) => file.measureSequential),
  S2: () => import("./scenarios/s2-concurrent.ts").then((file) => file.measureConcurrent),
  S2o: () => import("./scenarios/s2o-open-loop.ts").then((file) => file.measureOpenLoop),
  S3: () => import("./scenarios/s3-batches.ts").then((file) => file.measureBatches),
  S4: () => import("./scenarios/s4-backlog.ts").then((file) => file.measureBacklog),
  S5: () => import("./scenarios/s5-everything.ts").then((file) => file.measureEverything),
  S6: () => import("./scenarios/s6-latency.ts").then((file) => file.measureLatency),
  S6r: () => import("./scenarios/s6r-retries.ts").then((file) => file.measureAmongRetries),
  "S7-queued": () => import("./scenarios/s7-queued.ts").then((file) => file.measureQueuedGrowth),
  "S7-stored": () => import("./scenarios/s7-stored.ts").then((file) => file.measureStoredGrowth),
  S8: () => import("./scenarios/s8-idle.ts").then((file) => file.measureIdle),
  "S9-redis": () => import("./scenarios/s9-redis.ts").then((file) => file.measureRedisMemory),
  "S9-resident": () => import("./scenarios/s9-resident.ts").then((file) => file.measureResident),
  S10: () => import("./scenarios/s10-cpu.ts").then((file) => file.measureCpu),
  growth: () => import("./scenarios/growth.ts").then((file) => file.measureGrowth),
  inbox: () => import("./scenarios/inbox.ts").then((file) => file.measureInbox),
  deliver: () => import("./scenarios/deliver.ts").then((file) => file.measureDelivering),
  R5: () => import("./scenarios/r5-wipe.ts").then((file) => file.measureWipe),
  R7: () => import("./scenarios/r7-r8-fairness.ts").then((file) => file.measureBesideHanging),
  R8: () => import("./scenarios/r7-r8-fairness.ts").then((file) => file.measureBesideFlood),
  R9: () => import("./scenarios/r9-odd-receivers.ts").then((file) => file.measureOddReceivers),
  shards: () => import("./scenarios/shards.ts").then((file) => file.measureShards),
  waiting: () => import("./scenarios/waiting.ts").then((file) => file.measureWaiting),
};
