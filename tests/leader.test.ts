import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type AppProcess, eventually } from "@triggers/testing";
import { startSystem, type System } from "./start-system.ts";
import { publishOne } from "./publish.ts";

let system: System;

beforeAll(async () => {
  system = await startSystem();
}, 30_000);

afterAll(() => system.stop());

const sweeps = (worker: AppProcess) =>
  worker.log.filter(({ message }) => message === "overdue deliveries were offered again").length;

/** An open delivery whose time has come; its next attempt fails and is an hour away. */
const makeOverdue = () =>
  system.db.updateTable("deliveries").set({ sweep_at: new Date(), next_attempt_at: new Date() }).execute();

/** Recorded ones: before that, a new `sweep_at` would be overwritten. */
const expectAttempts = (attempts: number) =>
  eventually(async () => {
    const row = await system.db.selectFrom("deliveries").select("attempts").executeTakeFirst();
    expect(row).toEqual({ attempts });
  });

test("one worker sweeps at a time, and when it is killed another takes over", async () => {
  const receiver = await system.startReceiver((_webhook, res) => void res.writeHead(500).end());
  const client = await system.createClient(receiver.url);
  await system.db
    .updateTable("endpoints")
    .set({ retry_schedule: Array.from({ length: 20 }, () => 3600) })
    .execute();
  const first = await system.startWorker({ SWEEP_INTERVAL_MS: "400" });
  await publishOne(client);
  await expectAttempts(1);
  await makeOverdue();
  await expectAttempts(2);

  // Eight times as often: would it sweep too, it would come first.
  const second = await system.startWorker({ SWEEP_INTERVAL_MS: "50" });
  await eventually(() => expect(second.log.map(({ message }) => message)).toContain("consuming"));
  for (let attempts = 3; attempts <= 5; attempts += 1) {
    await makeOverdue();
    await expectAttempts(attempts);
  }
  expect([sweeps(first), sweeps(second)]).toEqual([4, 0]);

  first.kill("SIGKILL");
  await first.exited;
  await makeOverdue();
  await expectAttempts(6);
  expect(sweeps(second)).toBe(1);
});
