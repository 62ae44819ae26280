import { afterAll, beforeAll, describe, test } from "@jest/globals";
import type { FaultPoint } from "../apps/worker/src/fault-points.ts";
import { expectCrashToLoseNothing } from "./crash-with-backlog.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;

beforeAll(async () => {
  system = await startSystem();
}, 30_000);

afterAll(() => system.stop());

describe("kill -9 of a worker that refills a window from the backlog loses nothing and repeats only what was in flight", () => {
  test.each<[string, FaultPoint]>([
    ["when parked deliveries have places, before their jobs", "refill: placed"],
    ["when they have jobs, before they are out of the backlog", "refill: enqueued"],
  ])("%s", (_title, point) => expectCrashToLoseNothing(system, point), 60_000);
});
