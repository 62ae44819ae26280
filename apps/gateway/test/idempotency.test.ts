import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ApiClient } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let other: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  other = await gateway.startAnother();
  client = await gateway.createClient();
});
afterAll(() => gateway.stop());

const event = (more: object = {}) => ({ type: "a", payload: {}, ...more });
const post = (key: string, body: unknown, { path = "/api/events", by = client } = {}) =>
  by.request("POST", path, body, { "idempotency-key": key });
const replayed = ({ headers }: { headers: Headers }) => headers.get("idempotency-replayed");

describe("an Idempotency-Key (contract, section 2)", () => {
  test("with the same body replays the first answer", async () => {
    const body = event({ surprise: 1 });
    const first = await post("same", body);
    const again = await post("same", body);
    expect([first.status, replayed(first)]).toEqual([202, null]);
    expect([again.status, replayed(again)]).toEqual([202, "true"]);
    expect(again.text).toBe(first.text);
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
  });

  test("sent 100 times at once over two gateways is one event", async () => {
    const elsewhere: ApiClient = {
      ...client,
      request: (method, path, body, headers) =>
        fetch(other.url + path, {
          method,
          headers: { "content-type": "application/json", "x-api-key": client.apiKey, ...headers },
          body: JSON.stringify(body),
        }).then(async (answer) => {
          const text = await answer.text();
          return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as unknown };
        }),
    };
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        post("at once", event(), { by: n % 2 === 0 ? client : elsewhere }),
      ),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body.id)}`)).size).toBe(1);
    expect(answers.filter((answer) => replayed(answer) === null)).toHaveLength(1);
  });

  test.each([
    ["other values", event({ payload: { n: 2 } })],
    ["other bytes that mean the same", '{"payload":{},"type":"a"}'],
    ["a dedup_id that is new: an event of its own, by contract", event({ dedup_id: "new" })],
  ])("with %s", async (what, body) => {
    const key = `another body ${what}`;
    const first = await post(key, event());
    const answer = await post(key, body);
    if (what.startsWith("a dedup_id")) {
      expect([answer.status, replayed(answer)]).toEqual([202, null]);
      expect(answer.body.id).not.toBe(first.body.id);
      return;
    }
    expect([answer.status, answer.body.code, answer.body.retryable]).toEqual([
      422,
      "idempotency_key_reused",
      false,
    ]);
    expect(answer.text).not.toContain(String(first.body.id));
  });

  test("is each organization's own, and nobody's dedup_id", async () => {
    const stranger = await gateway.createClient();
    const answers = [
      await post("shared", event()),
      await post("shared", event({ payload: { theirs: 1 } }), { by: stranger }),
      await client.publish(event({ dedup_id: "shared" })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(new Set(answers.map(({ body }) => String(body.id))).size).toBe(3);
  });

  test("is not used up by a request that was refused", async () => {
    const broken = await post("later", event({ payload: [] }));
    const fixed = await post("later", event());
    expect([broken.status, fixed.status, replayed(fixed)]).toEqual([400, 202, null]);
  });

  test.each([
    ["", 400],
    ["x".repeat(256), 400],
    ["x".repeat(255), 202],
    ['"quoted", with space: and colon', 202],
  ])("may be %j: %i", async (key, status) => {
    const answer = await post(key, event());
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body.errors[0].pointer).toBe("Idempotency-Key");
  });
});

describe("an Idempotency-Key beside a dedup_id", () => {
  test("the same key and body is a replay; another body of the same dedup_id a 409", async () => {
    const body = event({ dedup_id: "both" });
    const first = await post("both", body);
    const again = await post("both", body);
    const changed = await post("both", event({ dedup_id: "both", payload: { n: 2 } }));
    const otherKey = await post("both-2", body);
    const withoutKey = await client.publish(body);
    expect([again.status, again.body.id, replayed(again)]).toEqual([202, first.body.id, "true"]);
    expect([changed, otherKey, withoutKey].map(({ status, body: { id } }) => [status, String(id)])).toEqual(
      [1, 2, 3].map(() => [409, String(first.body.id)]),
    );
  });

  test("with on_duplicate=accept a repeat that is no replay is a duplicate", async () => {
    const path = "/api/events?on_duplicate=accept";
    const body = event({ dedup_id: "accepting" });
    const first = await post("accepting", body, { path });
    const again = await post("accepting", body, { path });
    const changed = await post("accepting", event({ dedup_id: "accepting", payload: { n: 2 } }), { path });
    expect([again.status, again.text, replayed(again)]).toEqual([202, first.text, "true"]);
    expect([changed.status, changed.body.id, changed.body.duplicate, replayed(changed)]).toEqual([
      202,
      first.body.id,
      true,
      null,
    ]);
  });
});
