import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectProblem, expectTrue } from "../../expect.ts";
import { absent, matching, timestamp, uuidV7 } from "../../shape.ts";

const path = "/api/endpoints";
const url = "https://example.com/hooks";
const secret = matching(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/);
const unknownId = "0198a000-0000-7000-8000-000000000000";

/** Each field with a value that is not its default. */
const all = () => ({
  ...{ url, name: "orders", description: "of the shop", subscriber: randomUUID(), metadata: { plan: "big" } },
  ...{ event_types: ["user.*", "order.created"], timeout_ms: 1_000, rate_limit_per_second: 30 },
  ...{ max_in_flight: 3, retry_schedule: [0, 5, 60], format: "cloudevents" },
});
type Created = Record<string, unknown> & { id: string };

export const endpointChecks = [
  check("/api/endpoints POST 201 with signing_secret and the defaults", async (world) => {
    const other = await world.organization("other");
    const answer = await other.call("POST", path, { url });
    expectAnswer(answer, 201, {
      ...{ id: uuidV7, url, name: null, description: null, subscriber: null, event_types: null },
      ...{ enabled: true, disabled_reason: null, disabled_at: null, timeout_ms: 15_000, max_in_flight: 10 },
      ...{ rate_limit_per_second: null, retry_schedule: null, format: "standard" },
      ...{ created_at: timestamp, updated_at: timestamp, signing_secret: secret },
    });
    const { id } = answer.body as Created;
    expectAnswer(await other.call("GET", `${path}/${id}`), 200, { id, url, signing_secret: absent });
    expectAnswer(await other.call("DELETE", `${path}/${id}`), 204);
  }),
  check("each field is kept and shown; headers by name only", async (world) => {
    const other = await world.organization("other");
    const fields = all();
    const headers = { authorization: "Basic hidden-value", "x-custom": "hidden-value" };
    const answer = await other.call("POST", path, { ...fields, headers });
    expectAnswer(answer, 201, { id: uuidV7 });
    const { id } = answer.body as Created;
    const shown = await other.call("GET", `${path}/${id}`);
    for (const [name, value] of Object.entries(fields)) {
      expectEqual(name, (shown.body as Created)[name], value);
    }
    const names = (shown.body as { header_names: string[] }).header_names.map((name) => name.toLowerCase());
    expectEqual("header_names", names.sort(), ["authorization", "x-custom"]);
    expectTrue("no header's value", !(answer.text + shown.text).includes("hidden-value"), shown.text);
    await other.call("DELETE", `${path}/${id}`);
  }),
  check("PATCH: what is left out stays, null takes the default again", async (world) => {
    const other = await world.organization("other");
    const fields = all();
    const { id } = (await other.call("POST", path, fields)).body as Created;
    const patched = await other.call("PATCH", `${path}/${id}`, { url: `${url}/2`, timeout_ms: 2_000 });
    expectAnswer(patched, 200, { id, url: `${url}/2`, timeout_ms: 2_000, signing_secret: absent });
    expectEqual("description", (patched.body as Created).description, fields.description);
    const cleared = { timeout_ms: null, max_in_flight: null, retry_schedule: null, event_types: null };
    const again = await other.call("PATCH", `${path}/${id}`, { ...cleared, format: null, metadata: null });
    expectAnswer(again, 200, {
      ...{ timeout_ms: 15_000, max_in_flight: 10, retry_schedule: null, event_types: null },
      ...{ format: "standard", url: `${url}/2`, name: fields.name },
    });
    expectProblem(await other.call("PATCH", `${path}/${id}`, { url: null }), 400, "invalid_request");
    expectProblem(await other.call("PATCH", `${path}/${id}`, { urls: url }), 400, "unknown_field");
    await other.call("DELETE", `${path}/${id}`);
  }),
  check("GET list, by subscriber too; DELETE :id is a 204, and a 404 afterwards", async (world) => {
    const other = await world.organization("other");
    const subscriber = randomUUID();
    const ids: string[] = [];
    for (let nth = 0; nth < 2; nth += 1) {
      ids.push(((await other.call("POST", path, { url, subscriber })).body as Created).id);
    }
    const list = async () => {
      const { body } = await other.call("GET", `${path}?subscriber=${subscriber}`);
      return (body as { endpoints: Created[] }).endpoints;
    };
    const listed = await list();
    expectEqual("the endpoints", listed.map(({ id }) => id).sort(), ids.toSorted());
    expectTrue(
      "no secret in the list",
      listed.every((one) => one.signing_secret === undefined),
      listed,
    );
    for (const id of ids) {
      const deleted = await other.call("DELETE", `${path}/${id}`);
      expectEqual("the answer", [deleted.status, deleted.text], [204, ""]);
      for (const method of ["GET", "DELETE"]) {
        expectProblem(await other.call(method, `${path}/${id}`), 404, "not_found");
      }
    }
    expectEqual("the endpoints afterwards", await list(), []);
  }),
  check("another organization's endpoint is a 404 on every route, an unknown one too", async (world) => {
    const [main, other] = [await world.organization("main"), await world.organization("other")];
    const { id } = (await main.call("POST", path, { url, event_types: ["never.sent"] })).body as Created;
    const span = { since: "2026-01-01T00:00:00.000Z", until: "2026-01-02T00:00:00.000Z" };
    for (const [method, rest, body] of [
      ["GET", ""],
      ["PATCH", "", { name: "x" }],
      ["DELETE", ""],
      ["POST", "/disable"],
      ["POST", "/enable"],
      ["GET", "/secret"],
      ["POST", "/secret/rotate", {}],
      ["POST", "/test"],
      ["GET", "/stats"],
      ["POST", "/replay", span],
    ] as const) {
      expectProblem(await other.call(method, `${path}/${id}${rest}`, body), 404, "not_found");
      expectProblem(await main.call(method, `${path}/${unknownId}${rest}`, body), 404, "not_found");
    }
    expectAnswer(await main.call("GET", `${path}/${id}`), 200, { id, name: null });
    await main.call("DELETE", `${path}/${id}`);
  }),
  check("at most 50 per organization and subscriber (409 endpoint_limit_reached)", async (world) => {
    const fresh = await world.createOrganization();
    const create = (subscriber?: string) => fresh.call("POST", path, { url, subscriber });
    for (let nth = 0; nth < 50; nth += 1) expectAnswer(await create("shop-1"), 201);
    expectProblem(await create("shop-1"), 409, "endpoint_limit_reached");
    const further = await create("shop-2");
    expectAnswer(further, 201);
    expectAnswer(await create(), 201);
    const { id } = further.body as Created;
    const moved = await fresh.call("PATCH", `${path}/${id}`, { subscriber: "shop-1" });
    expectProblem(moved, 409, "endpoint_limit_reached");
  }),
  check("/api/webhook/config owns the endpoint named default", async (world) => {
    const fresh = await world.createOrganization();
    const saved = await fresh.call("POST", "/api/webhook/config", { webhook_url: url });
    const { endpoint_id } = saved.body as { endpoint_id: string };
    expectAnswer(await fresh.call("GET", `${path}/${endpoint_id}`), 200, { name: "default", url });
    const second = await fresh.call("POST", path, { url, name: "default" });
    expectProblem(second, 409, "endpoint_name_taken");
    expectAnswer(await fresh.call("DELETE", `${path}/${endpoint_id}`), 204);
    expectProblem(await fresh.call("GET", "/api/webhook/config"), 404, "not_found");
  }),
];
