import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { countEvents, createDatabase, type Database } from "@triggers/db";
import { type ApiAnswer, type ApiClient, eventually } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let other: TestGateway;
let client: ApiClient;
let db: Database;

beforeAll(async () => {
  gateway = await startTestGateway();
  other = await gateway.startAnother();
  client = await gateway.createClient();
  db = createDatabase({
    url: gateway.settings.DATABASE_URL ?? "",
    applicationName: "test",
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
});
afterAll(async () => {
  await db.destroy();
  await gateway.stop();
});

const event = (dedup_id: string, more: object = {}) => ({ type: "a", payload: {}, dedup_id, ...more });
const persisted = (id: string) =>
  eventually(async () => {
    const { body } = await client.request("GET", `/api/events/${id}`);
    expect(body.status).not.toBe("accepted");
  });

describe("an event with a dedup_id (contract, section 2)", () => {
  test("sent 300 times at once over two gateways is one event, and all the others name it", async () => {
    const sender = await gateway.createClient();
    const urls = [gateway.url, other.url];
    const answers: ApiAnswer[] = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        const response = await fetch(`${urls[n % 2] ?? ""}/api/events`, {
          method: "POST",
          headers: { "x-api-key": sender.apiKey, "content-type": "application/json" },
          body: JSON.stringify(event("once", { payload: { n } })),
        });
        const text = await response.text();
        return {
          status: response.status,
          headers: response.headers,
          text,
          body: JSON.parse(text) as unknown,
        };
      }),
    );
    const accepted = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 409);
    expect([accepted.length, refused.length]).toEqual([1, 299]);
    const id = (accepted[0]?.body as { id: string }).id;
    for (const { body } of refused) {
      expect(body).toMatchObject({
        code: "duplicate_event",
        id,
        event_id: id,
        duplicate: true,
        retryable: false,
      });
    }

    await gateway.startWorker();
    await eventually(async () => {
      const { body } = await sender.request("GET", "/api/inbox");
      expect((body.events as { id: string }[]).map((found) => found.id)).toEqual([id]);
    });
    expect(await countEvents(db, sender.organizationId)).toBe(1);
  });

  test("is still known when it has been persisted, and long after its job is gone", async () => {
    const first = await client.publish(event("persisted"));
    await persisted(first.body.id as string);
    const again = await client.publish(event("persisted"));
    expect([again.status, again.body.id]).toEqual([409, first.body.id]);
  });

  test("with on_duplicate=accept a repeat is a 202 with the first id and its place", async () => {
    const first = await client.publish(event("accept"));
    const path = "/api/events?on_duplicate=accept";
    const again = await client.request("POST", path, event("accept", { payload: { other: true } }));
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({ id: first.body.id, event_id: first.body.id, duplicate: true });
    expect(again.headers.get("location")).toBe(`/api/events/${first.body.id}`);
    const fresh = await client.request("POST", path, event("accept-fresh"));
    expect([fresh.status, fresh.body.duplicate]).toEqual([202, undefined]);
  });

  test("is told apart from the same dedup_id of another organization, and from an event without one", async () => {
    const stranger = await gateway.createClient();
    const [mine, theirs] = [await client.publish(event("shared")), await stranger.publish(event("shared"))];
    expect([mine.status, theirs.status]).toEqual([202, 202]);
    expect(theirs.body.id).not.toBe(mine.body.id);
    const without = [1, 2].map(() => client.publish({ type: "a", payload: {} }));
    expect((await Promise.all(without)).map(({ status }) => status)).toEqual([202, 202]);
  });

  test.each(["with space and ümlaut 🎉", "a:b", "__proto__", "x".repeat(255)])(
    "may be called %s",
    async (dedupId) => {
      const statuses = [await client.publish(event(dedupId)), await client.publish(event(dedupId))];
      expect(statuses.map(({ status }) => status)).toEqual([202, 409]);
    },
  );

  test("that was refused for another fault does not use up its dedup_id", async () => {
    const broken = await client.publish(event("later", { payload: [] }));
    const fixed = await client.publish(event("later"));
    expect([broken.status, fixed.status]).toEqual([400, 202]);
  });
});
