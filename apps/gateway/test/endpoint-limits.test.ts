import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database } from "@triggers/db";
import type { ApiClient } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const path = "/api/endpoints";
const url = "https://hooks.example.test/in";
const unknownId = "01890000-0000-7000-8000-000000000000";

let gateway: TestGateway;
let client: ApiClient;
let db: Database;

beforeAll(async () => {
  gateway = await startTestGateway();
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
beforeEach(async () => {
  client = await gateway.createClient();
});

const create = (body: object = {}) => client.request("POST", path, { url, ...body });
const created = async (body: object = {}): Promise<Record<string, string>> => {
  const answer = await create(body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body as Record<string, string>;
};
describe("endpoints (contract, section 5)", () => {
  test("are at most 50 of a subscriber, also when many are created or moved at once", async () => {
    await db
      .insertInto("endpoints")
      .values(
        Array.from({ length: 47 }, (_, n) => ({
          ...{ id: unknownId.slice(0, -2) + String(n + 10), organization_id: client.organizationId },
          ...{ url, subscriber: "big", sealed_secret: Buffer.of(1) },
        })),
      )
      .execute();
    const elsewhere = await Promise.all(Array.from({ length: 4 }, () => created({ subscriber: "small" })));
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, () => create({ subscriber: "big" })),
      ...elsewhere.map(({ id }) => client.request("PATCH", `${path}/${id}`, { subscriber: "big" })),
    ]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status >= 300);
    expect(new Set(refused.map(({ body }) => body.code as string))).toEqual(
      new Set(["endpoint_limit_reached"]),
    );
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([409]));
    expect((await create({ subscriber: "other" })).status).toBe(201);
    expect((await create()).status).toBe(201);
    expect((await client.request("DELETE", `${path}/${unknownId.slice(0, -2)}10`)).status).toBe(204);
    expect((await create({ subscriber: "big" })).status).toBe(201);
  });

  test("without a subscriber count together with the shortcut's", async () => {
    const rows = Array.from({ length: 50 }, (_, n) => ({
      ...{ id: unknownId.slice(0, -4) + String(n + 1_000), organization_id: client.organizationId },
      ...{ url, sealed_secret: Buffer.of(1) },
    }));
    await db.insertInto("endpoints").values(rows).execute();
    const refused = await client.request("POST", "/api/webhook/config", { webhook_url: url });
    expect([refused.status, refused.body.code]).toEqual([409, "endpoint_limit_reached"]);
  });
});

describe("the endpoint named `default`", () => {
  const config = "/api/webhook/config";

  test("is the shortcut's, whichever way it was made, and there is one", async () => {
    const { id } = await created({ name: "default", rate_limit_per_second: 5 });
    expect((await client.request("GET", config)).body).toMatchObject({ endpoint_id: id, webhook_url: url });
    const again = await create({ name: "default" });
    expect([again.status, again.body.code]).toEqual([409, "endpoint_name_taken"]);
    const { id: other } = await created({ name: "other" });
    const renamed = await client.request("PATCH", `${path}/${other}`, { name: "default" });
    expect([renamed.status, renamed.body.code]).toEqual([409, "endpoint_name_taken"]);
    expect((await client.request("PATCH", `${path}/${id}`, { name: "default" })).status).toBe(200);

    const saved = await client.request("POST", config, { webhook_url: `${url}/2` });
    expect(saved.body).toMatchObject({ endpoint_id: id });
    expect(saved.text).not.toContain("whsec_");
    const shown = await client.request("GET", `${path}/${id}`);
    expect(shown.body).toMatchObject({ url: `${url}/2`, name: "default", rate_limit_per_second: 5 });
    expect((await client.request("DELETE", config)).status).toBe(204);
    expect((await client.request("GET", `${path}/${id}`)).status).toBe(404);
    expect((await create({ name: "default" })).status).toBe(201);
  });
});
