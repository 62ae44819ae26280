import { Agent } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiClient, type AppProcess, callApi, createApiClient, eventually } from "@triggers/testing";
import { createRandom } from "./fuzz/random.ts";
import { createRandomRequest, type FuzzedRequest, operationsToFuzz } from "./fuzz/random-request.ts";
import { sendRequest } from "./fuzz/send-request.ts";
import { startSystem, type System } from "./start-system.ts";

/** Another seed, and more of it: FUZZ_SEED=7 FUZZ_SECONDS=600 npm test -- tests/fuzz.test.ts */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const seconds = Number(process.env.FUZZ_SECONDS ?? 12);
const connections = 12;
const adminToken = "the-token-of-the-operator";

let system: System;
let gateway: AppProcess;

beforeAll(async () => {
  system = await startSystem();
  gateway = await system.startGateway({ ADMIN_TOKEN: adminToken, LOG_LEVEL: "debug" });
  await system.startWorker({ DISABLE_WEBHOOK_DELIVERY: "true" });
}, 60_000);
afterAll(() => system.stop());

const newClients = () => Promise.all(Array.from({ length: 4 }, () => createApiClient(gateway.url)));

async function idsOf(clients: readonly ApiClient[]): Promise<string[]> {
  const answers = await Promise.all(clients.map((client) => client.publish({ type: "a", payload: {} })));
  return [
    ...answers.map(({ body }) => String(body.id)),
    ...clients.map(({ organizationId }) => organizationId),
  ];
}
const residentBytes = async () =>
  Number((await callApi(gateway.url, "GET", "/api/health/detailed")).body.memory_bytes);

test(
  "whatever comes, every route answers with a status that the document names, and never with a 500",
  async () => {
    const document = (await callApi(gateway.url, "GET", "/openapi.json")).body as Record<string, unknown>;
    const operations = operationsToFuzz(document);
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const surprises: unknown[] = [];
    const reached = new Map<string, Set<number>>();
    const statuses = new Map<number, number>();
    const endsAt = performance.now() + seconds * 1_000;
    let index = 0;
    let memoryBefore = 0;
    let clients = await newClients();
    let ids = await idsOf(clients);

    const judge = (wanted: FuzzedRequest, at: number, status: number, text: string) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const { operation } = wanted;
      if (operation) reached.set(operation.id, (reached.get(operation.id) ?? new Set()).add(status));
      const documented = operation?.statuses ?? [200, 202, 204, 302, 400, 401, 403, 404, 405, 413, 415, 429];
      // Node.js' own refusal of a head that is too long comes before any route.
      if (documented.includes(status) || status === 431) return;
      const { method, target, headers, body } = wanted;
      surprises.push({
        seed,
        at,
        status,
        text: text.slice(0, 300),
        method,
        target,
        headers,
        body: String(body).slice(0, 300),
      });
    };
    const work = async () => {
      while (performance.now() < endsAt && surprises.length < 10) {
        const at = index++;
        if (at % 1_000 === 999) {
          // Keys were rotated and revoked, organizations suspended and erased.
          clients = await newClients();
          ids = await idsOf(clients);
        }
        if (at === 1_500) memoryBefore = await residentBytes();
        const world = { apiKeys: clients.map(({ apiKey }) => apiKey), adminToken, ids };
        const wanted = createRandomRequest(document, operations, world, createRandom(seed * 1_000_003 + at));
        try {
          const { status, text } = await sendRequest(agent, gateway.url, wanted);
          judge(wanted, at, status, text);
        } catch (error) {
          // The server may hang up on a body that it has already refused, but only on such a one.
          if ((wanted.body?.length ?? 0) < 200_000)
            surprises.push({ seed, at, error: String(error), wanted });
        }
      }
    };
    await Promise.all(Array.from({ length: connections }, work));
    agent.destroy();

    const summary = { requests: index, statuses: Object.fromEntries([...statuses].sort()) };
    expect({ ...summary, surprises }).toEqual({ ...summary, surprises: [] });
    expect(index).toBeGreaterThan(500);
    // Nearly right often enough that the routes themselves were tried, not only their doors.
    const succeeded = operations.filter(({ id }) =>
      [...(reached.get(id) ?? [])].some((status) => status < 300),
    );
    expect(succeeded.length).toBeGreaterThan(operations.length / 2);
    const errors = gateway.log.filter(({ level }) => level === "error" && index > 0);
    expect(errors.filter(({ message }) => message !== "slow request")).toEqual([]);
    if (memoryBefore > 0) {
      await eventually(async () => expect(await residentBytes()).toBeLessThan(memoryBefore + 150 * 2 ** 20));
    }
    expect((await callApi(gateway.url, "GET", "/health/ready")).status).toBe(200);
  },
  (seconds + 60) * 1_000,
);
