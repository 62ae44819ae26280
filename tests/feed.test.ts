import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ApiClient } from "@triggers/testing";
import { publishMany } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

interface Page {
  events: { id: string }[];
  end_cursor: string;
}

let system: System;
let client: ApiClient;

beforeAll(async () => {
  system = await startSystem();
  client = await system.createClient();
  // Small batches, so that many of them commit in an order that is not the ids'.
  await Promise.all([1, 2, 3].map(() => system.startWorker({ PERSIST_CONCURRENCY: "7" })));
}, 30_000);

afterAll(() => system.stop());

test("a reader that follows end_cursor while three workers persist sees every event exactly once", async () => {
  const count = 2_000;
  const publishing = Promise.all([publishMany(client, count / 2), publishMany(client, count / 2)]);
  const seen: string[] = [];
  let cursor: string | undefined;
  const endsAt = performance.now() + 25_000;
  while (seen.length < count && performance.now() < endsAt) {
    const answer = await client.request(
      "GET",
      `/api/inbox?status=all&limit=50${cursor ? `&cursor=${cursor}` : ""}`,
    );
    const page = answer.body as Page;
    seen.push(...page.events.map(({ id }) => id));
    cursor = page.end_cursor;
  }
  const ids = (await publishing).flat();
  expect(seen.length).toBe(count);
  expect([...seen].sort()).toEqual(ids.sort());
  // Else the test has proven nothing: ids alone would have been a cursor as good.
  expect(seen).not.toEqual(ids);
});
