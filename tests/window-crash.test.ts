import { afterAll, beforeAll, describe, test } from "@jest/globals";
import type { FaultPoint } from "../apps/worker/src/fault-points.ts";
import { expectCrashToLoseNothing } from "./crash-with-backlog.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;

beforeAll(async () => {
  system = await startSystem();
}, 30_000);

afterAll(() => system.stop());

describe("kill -9 of a worker that fills a window loses nothing and repeats only what was in flight", () => {
  test.each<[string, FaultPoint]>([
    ["when places are taken, before their jobs", "window: placed"],
    ["when the jobs are there, before the rest is parked", "window: enqueued"],
    ["when the rest is parked, before anybody knows of it", "window: parked"],
  ])("%s", (_title, point) => expectCrashToLoseNothing(system, point), 60_000);
});
