import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { insertEndpointRow } from "./insert-endpoint-row.ts";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;
let endpointId: string;

beforeAll(async () => {
  system = await startSystem();
  await system.startWorker({ ENDPOINT_FAILING_DISABLE_SECONDS: "600" });
}, 60_000);

beforeEach(async () => {
  receiver = await system.startReceiver();
  client = await system.createClient();
  endpointId = await insertEndpointRow(system.db, client.organizationId, {
    url: receiver.url,
    retry_schedule: [0, 3600],
  });
});

afterAll(() => system.stop());

const answer = (status: number) => receiver.respondWith((_webhook, res) => void res.writeHead(status).end());

const endpoint = () =>
  system.db.selectFrom("endpoints").selectAll().where("id", "=", endpointId).executeTakeFirstOrThrow();

const recordedAttempts = async () => {
  const rows = await system.db
    .selectFrom("attempts")
    .select("number")
    .where("endpoint_id", "=", endpointId)
    .execute();
  return rows.length;
};

test("an endpoint that has failed for too long without one success is disabled, and says why", async () => {
  answer(500);
  await publishOne(client);
  await eventually(async () => expect((await endpoint()).failing_since).not.toBeNull());
  const since = (await endpoint()).failing_since;
  await publishOne(client);
  // What a failure does to its endpoint follows its record.
  await eventually(async () => expect(await recordedAttempts()).toBe(2));
  await publishOne(client);
  await receiver.waitFor(3);
  expect(await endpoint()).toMatchObject({ enabled: true, failing_since: since });
  // Stands for the days.
  await system.db
    .updateTable("endpoints")
    .set({ failing_since: new Date(Date.now() - 601_000) })
    .where("id", "=", endpointId)
    .execute();
  await publishOne(client);
  await eventually(async () =>
    expect(await endpoint()).toMatchObject({
      enabled: false,
      disabled_reason: "failing",
      disabled_at: expect.any(Date),
    }),
  );
});

test("one success starts the time anew", async () => {
  answer(500);
  await publishOne(client);
  await eventually(async () => expect((await endpoint()).failing_since).not.toBeNull());
  answer(200);
  await publishOne(client);
  await eventually(async () =>
    expect(await endpoint()).toMatchObject({ enabled: true, failing_since: null }),
  );
});
