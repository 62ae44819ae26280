import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiAnswer, callApi, eventually } from "@triggers/testing";
import { startSystem, type System } from "./start-system.ts";

let system: System;

beforeAll(async () => {
  system = await startSystem();
}, 30_000);
afterAll(() => system.stop());

test("a gateway killed between any two of its steps leaves no idempotency key without its event, and no second event", async () => {
  const client = await system.createClient();
  const doomed = await system.startGateway();
  const count = 400;
  const post = (url: string, n: number) =>
    callApi(
      url,
      "POST",
      "/api/events",
      { type: "a", payload: { n } },
      { "x-api-key": client.apiKey, "idempotency-key": `key-${n}` },
    );
  // Some are answered, some are written but not answered, some never arrive.
  let answered = 0;
  const before = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      post(doomed.url, n).then(
        (answer) => {
          if (++answered === 50) doomed.kill("SIGKILL");
          return answer;
        },
        () => undefined,
      ),
    ),
  );
  expect(before.filter((answer) => answer === undefined).length).toBeGreaterThan(0);

  const after: ApiAnswer[] = [];
  for (let n = 0; n < count; n++) after.push(await post(client.url, n));
  expect(after.filter(({ status }) => status !== 202)).toEqual([]);
  before.forEach((answer, n) => {
    if (answer) expect(after[n]?.body.id).toBe(answer.body.id);
  });
  for (const { body } of after) {
    const { status } = await client.request("GET", `/api/events/${String(body.id)}`);
    expect(status).toBe(200);
  }

  await system.startWorker();
  await eventually(async () => {
    const { body } = await client.request("GET", "/api/inbox?limit=1000");
    const stored = (body.events as { id: string }[]).map(({ id }) => id).sort();
    expect(stored).toEqual(after.map(({ body: { id } }) => String(id)).sort());
  });
}, 60_000);
