import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPartitions, daysOfIds, migrateToLatest } from "@triggers/db";
import { type ApiClient, callApi, createSeededRandom, eventually, openEventStream } from "@triggers/testing";
import { startPostgres } from "../infra/postgres.mjs";
import { publishMany } from "./publish.ts";
import {
  type Reader,
  startLeasingReader,
  startListReader,
  startLongPollReader,
  startStreamReader,
} from "./readers.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  system = await startSystem();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await system.stop();
});

/** Every kind of reader there is; each must see every event exactly once. */
const startReaders = [startListReader, startLongPollReader, startStreamReader, startLeasingReader];

async function feedOf(client: ApiClient, db = system.db): Promise<string[]> {
  const rows = await db
    .selectFrom("events")
    .select("id")
    .where("organization_id", "=", client.organizationId)
    .orderBy("position")
    .execute();
  return rows.map(({ id }) => id);
}

test.each(["persist: in transaction", "persist: committed"] as const)(
  "every reader sees every event exactly once while four workers persist, one is frozen (%s) and readers hang up",
  async (point) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const client = await system.createClient();
    const urls = [system.gateway.url, (await system.startGateway()).url];
    const readers: Reader[] = startReaders.map((start, n) =>
      start({ client, urls, random: createSeededRandom(seed + n) }),
    );
    closers.push(() => Promise.all(readers.map((reader) => reader.stop())));

    // Small batches, so that many of them commit in an order that is not the ids'.
    const small = { PERSIST_CONCURRENCY: "7" };
    const frozen = await system.startPausingWorker(point, 5, small);
    await Promise.all([1, 2, 3].map(() => system.startWorker(small)));
    const publishing = Promise.all([publishMany(client, 600), publishMany(client, 600)]);
    await eventually(() => expect(frozen.log.map(({ message }) => message)).toContain("pausing"), 30_000);
    const ids = (await publishing).flat();
    // The others take over what the frozen one holds; then it wakes and finds its work done.
    await eventually(async () => expect((await feedOf(client)).length).toBe(ids.length), 60_000);
    frozen.kill("SIGCONT");
    const later = await publishMany(client, 100);
    const sent = [...ids, ...later];
    await eventually(async () => expect((await feedOf(client)).length).toBe(sent.length), 60_000);

    const feed = await feedOf(client);
    expect([...feed].sort()).toEqual([...sent].sort());
    // Else the test has proven nothing: ids alone would have been a cursor as good.
    expect(feed).not.toEqual([...feed].sort());
    for (const { name, seen, isOrdered } of readers) {
      await eventually(() => expect([name, seed, seen.length]).toEqual([name, seed, feed.length]), 60_000);
      const inOrder = (list: string[]) => (isOrdered ? list : [...list].sort());
      expect([name, seed, inOrder(seen)]).toEqual([name, seed, inOrder(feed)]);
    }
  },
  180_000,
);

test("what is dumped and restored into a fresh cluster is read completely, and cursors go on there", async () => {
  const client = await system.createClient();
  await Promise.all([1, 2].map(() => system.startWorker({ PERSIST_CONCURRENCY: "7" })));
  const ids = await publishMany(client, 300);
  await eventually(async () => expect((await feedOf(client)).length).toBe(ids.length), 60_000);
  const before = await feedOf(client);
  const { body } = await client.request("GET", "/api/inbox?status=all&limit=120");
  const cursor = (body as { end_cursor: string }).end_cursor;

  const dataDir = mkdtempSync(join(tmpdir(), "triggers-restored-"));
  const fresh = await startPostgres({ dataDir, settings: { max_connections: "50" } });
  closers.push(async () => {
    await fresh.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await migrateToLatest(fresh.url);
  const restored = await startSystem({ databaseUrl: fresh.url });
  closers.push(() => restored.stop());
  await copyRows(system, restored);
  await restored.startWorker();
  const moved: ApiClient = {
    ...client,
    publish: (event) =>
      callApi(restored.gateway.url, "POST", "/api/events", event, { "x-api-key": client.apiKey }),
  };
  const later = await publishMany(moved, 50);
  await eventually(async () => expect((await feedOf(client, restored.db)).length).toBe(350), 60_000);
  const feed = await feedOf(client, restored.db);
  expect(feed.slice(0, 300)).toEqual(before);
  expect(feed.slice(300).sort()).toEqual(later.sort());

  const headers = { "x-api-key": client.apiKey };
  const all = await openEventStream(`${restored.gateway.url}/api/inbox/stream`, headers);
  const rest = await openEventStream(`${restored.gateway.url}/api/inbox/stream?from=${cursor}`, headers);
  closers.push(() => {
    for (const stream of [all, rest]) stream.close();
    return Promise.resolve();
  });
  await Promise.all([all.waitFor(350), rest.waitFor(230)]);
  const idsOf = (stream: typeof all) =>
    stream.events.map(({ data }) => (JSON.parse(data) as { id: string }).id);
  expect(idsOf(all)).toEqual(feed);
  expect(idsOf(rest)).toEqual(feed.slice(120));
  const path = `/api/inbox?status=all&limit=1000&cursor=${cursor}`;
  const page = await callApi(restored.gateway.url, "GET", path, undefined, headers);
  expect((page.body as { events: { id: string }[] }).events.map(({ id }) => id)).toEqual(feed.slice(120));
}, 120_000);

/** What a dump and its restoring do: the same rows, written in another order by another server's transactions. */
async function copyRows(from: System, to: System): Promise<void> {
  for (const table of ["organizations", "api_keys", "feeds"] as const) {
    const rows = await from.db.selectFrom(table).selectAll().execute();
    await to.db.insertInto(table).values(rows).execute();
  }
  const events = await from.db.selectFrom("events").selectAll().orderBy("id", "desc").execute();
  await createPartitions(to.db, daysOfIds(events.map(({ id }) => id)));
  const rows = events.map(({ delivery_status: derived, ...row }) => (derived === "none" ? row : undefined));
  await to.db
    .insertInto("events")
    .values(rows.filter((row) => row !== undefined))
    .execute();
}
