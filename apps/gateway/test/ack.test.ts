import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiClient, eventually } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const unknownId = "01890000-0000-7000-8000-000000000000";
const event = { type: "a", payload: { a: 1 } };

let gateway: TestGateway;
let client: ApiClient;

async function publish(from = client): Promise<string> {
  const { status, body } = await from.publish(event);
  expect(status).toBe(202);
  return body.id as string;
}
/** An event that is stored, and not in the queue any more. */
async function publishStored(from = client): Promise<string> {
  const id = await publish(from);
  await eventually(async () => {
    const { text } = await from.request("GET", "/api/inbox");
    expect(text).toContain(id);
  });
  return id;
}
const ack = (id: string, path = "/api/inbox/ack") => client.request("POST", `${path}/${id}`);
const byId = (id: string) => client.request("GET", `/api/events/${id}`);
async function inbox(query = ""): Promise<string[]> {
  const { body } = await client.request("GET", `/api/inbox?${query}`);
  return (body.events as { id: string }[]).map(({ id }) => id);
}

beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.createClient();
});
afterAll(() => gateway.stop());

// No worker runs yet: what is accepted stays in the queue until the last block starts one.
describe("an event that is accepted and not yet persisted (contract, sections 2 and 4)", () => {
  let acknowledged: string;
  let untouched: string;

  test("is found by its id at once", async () => {
    untouched = await publish();
    const { status, body } = await byId(untouched);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ id: untouched, event_id: untouched, ...event, event_type: "a", status: "accepted" },
      ...{ inbox_status: "available", delivery_status: "none", attempts: 0, deliveries: [] },
    });
    // In either spelling of the id.
    expect((await byId(untouched.toUpperCase())).body.id).toBe(untouched);
  });

  test("is 404 for another organization, to read and to acknowledge", async () => {
    const stranger = await gateway.createClient();
    const read = await stranger.request("GET", `/api/events/${untouched}`);
    const acked = await stranger.request("POST", `/api/inbox/ack/${untouched}`);
    expect([read.status, acked.status]).toEqual([404, 404]);
    expect((await byId(untouched)).body.status).toBe("accepted");
  });

  test("can be acknowledged right after the 202, and again with the same answer", async () => {
    acknowledged = await publish();
    const first = await ack(acknowledged);
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      ...{ id: acknowledged, event_id: acknowledged, status: "acknowledged", success: true },
      acknowledged_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: expect.any(String),
    });
    expect((await ack(acknowledged)).body).toEqual(first.body);
    expect((await byId(acknowledged)).body).toMatchObject({
      status: "acknowledged",
      inbox_status: "acknowledged",
    });
  });

  test("is persisted as acknowledged when a worker comes, and its answer stays the same", async () => {
    const before = await ack(acknowledged);
    await gateway.startWorker();
    await eventually(async () => expect(await inbox("status=acknowledged")).toEqual([acknowledged]));
    await eventually(async () => expect(await inbox()).toEqual([untouched]));
    expect((await ack(acknowledged)).body).toEqual(before.body);
    expect((await byId(acknowledged)).body).toMatchObject({ status: "acknowledged", ...event });
  });
});

describe("an acknowledgement", () => {
  test.each(["/api/inbox/ack", "/api/ack"])(
    "by %s takes the event from the inbox and deletes nothing",
    async (path) => {
      const id = await publishStored();
      const first = await ack(id, path);
      expect([first.status, first.body.status]).toEqual([200, "acknowledged"]);
      expect(await inbox()).not.toContain(id);
      expect(await inbox("status=all")).toContain(id);
      expect((await byId(id)).body).toMatchObject({ status: "acknowledged", ...event });
      expect((await ack(id, path)).body).toEqual(first.body);
    },
  );

  test("by its old path says since when it is deprecated and how long it stays", async () => {
    const id = await publishStored();
    const old = await ack(id, "/api/ack");
    expect(old.headers.get("deprecation")).toMatch(/^@\d{10}$/);
    expect(Date.parse(old.headers.get("sunset") ?? "")).toBeGreaterThan(Date.parse("2028-01-01"));
    expect((await ack(id)).headers.get("deprecation")).toBeNull();
  });

  test("at once with the event's persistence is never lost, 50 times out of 50", async () => {
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const id = await publish();
        const { status } = await ack(id);
        expect(status).toBe(200);
        return id;
      }),
    );
    await eventually(async () =>
      expect(await inbox("status=acknowledged")).toEqual(expect.arrayContaining(ids)),
    );
    const left = await inbox();
    expect(ids.filter((id) => left.includes(id))).toEqual([]);
  });

  test("of an unknown event is a 404, of another organization's too and changes nothing, of no UUID a 400", async () => {
    const stranger = await gateway.createClient();
    const strange = await publishStored(stranger);
    const answers = [await ack(unknownId), await ack(strange), await ack("7"), await byId("7")];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 400, 400]);
    const theirs = await stranger.request("GET", `/api/events/${strange}`);
    expect(theirs.body.status).toBe("pending");
  });
});

describe("a batch of acknowledgements", () => {
  const ackAll = (body: unknown) => client.request("POST", "/api/inbox/ack", body);

  test("has one result per id, in order, and one failure harms no other", async () => {
    const [first, second] = [await publish(), await publish()];
    const strange = await publishStored(await gateway.createClient());
    const { status, body } = await ackAll({
      event_ids: [first, unknownId, second, strange, first.toUpperCase()],
    });
    expect(status).toBe(200);
    expect([body.acknowledged, body.failed]).toEqual([3, 2]);
    const results = body.results as { event_id: string; status: string; code?: string }[];
    expect(results.map((result) => [result.event_id, result.code ?? result.status])).toEqual([
      [first, "acknowledged"],
      [unknownId, "not_found"],
      [second, "acknowledged"],
      [strange, "not_found"],
      [first, "acknowledged"],
    ]);
    expect((await byId(second)).body.status).toBe("acknowledged");
  });

  test("may hold 1000 ids", async () => {
    const { status, body } = await ackAll({ event_ids: Array.from({ length: 1_000 }, () => unknownId) });
    expect([status, body.failed]).toEqual([200, 1_000]);
  });

  test.each([
    [{}, ["/event_ids"]],
    [{ event_ids: [] }, ["/event_ids"]],
    [{ event_ids: Array.from({ length: 1_001 }, () => unknownId) }, ["/event_ids"]],
    [{ event_ids: [unknownId, "x", 7] }, ["/event_ids/1", "/event_ids/2"]],
    [{ event_id: [unknownId] }, ["/event_id", "/event_ids"]],
  ])("is refused as a whole when the request breaks a rule (%#)", async (request, pointers) => {
    const { status, body } = await ackAll(request);
    expect(status).toBe(400);
    expect((body.errors as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual(pointers);
  });
});
