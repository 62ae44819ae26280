import { expect } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "@triggers/testing";
import type { FaultPoint } from "../apps/worker/src/fault-points.ts";
import { findUnrecorded, receivedIds, repeatsOf } from "./attempts-of.ts";
import { letAMinutePass } from "./let-a-minute-pass.ts";
import { publishBatch } from "./publish.ts";
import type { System } from "./start-system.ts";

/** Longer than a busy machine stops a worker for: an attempt that loses its claim is made again. */
const patient = { CLAIM_MS: "2000", STALLED_CHECK_MS: "100", SWEEP_INTERVAL_MS: "100" };
/** More than a window holds, so that some are parked and come out again. */
const eventCount = 250;

/**
 * Kills a worker at this point, with more to deliver than a window holds, and expects the next one to deliver all of it,
 * none of it twice at once, and nothing again but what the dead one had in flight.
 */
export async function expectCrashToLoseNothing(system: System, point: FaultPoint): Promise<void> {
  const receiver = await system.startReceiver(async (_webhook, res) => {
    await pause(5);
    res.end();
  });
  const client = await system.createClient(receiver.url);
  await publishBatch(client, eventCount);
  const doomed = await system.startCrashWorker(point, patient);
  expect(await doomed.exited).toBe("SIGKILL");
  const inFlight = await findUnrecorded(system.db, receiver);

  await letAMinutePass(system);
  const worker = await system.startWorker(patient);
  await eventually(async () => {
    const rows = await system.db
      .selectFrom("deliveries")
      .select("event_id")
      .where("organization_id", "=", client.organizationId)
      .where("status", "=", "delivered")
      .where("attempts", "=", 1)
      .execute();
    expect(rows).toHaveLength(eventCount);
  }, 30_000);
  const ids = receivedIds(receiver);
  expect(new Set(ids).size).toBe(eventCount);
  expect([...inFlight]).toEqual(expect.arrayContaining(repeatsOf(ids)));
  expect(Math.max(...ids.map((id) => receiver.mostAtOnce(id)))).toBe(1);
  expect(await worker.stop()).toBe(0);
}
