import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database, createOrganization } from "@triggers/db";
import { createApiKey, createId } from "@triggers/domain";
import { createSecretHasher } from "../src/keys/secret-hasher.ts";
import { type DocumentedOperation, operationsOf, readDocument } from "./openapi-document.ts";
import { furtherDeliveryScenarios } from "./openapi-delivery-examples.ts";
import { furtherEndpointScenarios } from "./openapi-endpoint-scenarios.ts";
import { furtherScenarios } from "./openapi-further-scenarios.ts";
import { furtherInboxScenarios } from "./openapi-inbox-scenarios.ts";
import { ownScenarios, unprovokable } from "./openapi-own-scenarios.ts";
import { scenariosOf } from "./openapi-scenarios.ts";
import type { Scenario, World } from "./openapi-world.ts";
import { adminToken } from "./start-operator.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const root = join(import.meta.dirname, "../../..");
const run = promisify(execFile);

let world: World;
let operations: DocumentedOperation[];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openapi-"));
  const gateway = await startTestGateway({ ADMIN_TOKEN: adminToken });
  const strict = await gateway.startAnother({
    ...{ SIGNUP: "admin", SIGNUP_LIMIT_PER_MINUTE: "2", RATE_LIMIT_ENTERPRISE: "1" },
  });
  const document = await readDocument(gateway.url);
  operations = operationsOf(document);
  await writeFile(join(folder, "openapi.json"), JSON.stringify(document));
  const db = createDatabase({
    ...{ url: gateway.settings.DATABASE_URL ?? "", applicationName: "test", maxConnections: 1 },
    onConnectionError: () => undefined,
  });
  world = {
    ...{ gateway, strict, adminToken, db },
    client: await gateway.createClient(),
    createClient: () => gateway.createClient(),
    keyWithoutScopes: await createKeyWithoutScopes(db),
  };
});
afterAll(async () => {
  await world.db.destroy();
  await world.gateway.stop();
  await rm(folder, { recursive: true });
});

async function createKeyWithoutScopes(db: Database): Promise<string> {
  const { apiKey, keyId, secret } = createApiKey();
  const secretHash = await createSecretHasher(4).hash(secret);
  const organization = { id: createId(), name: "Weak", tier: "enterprise" as const };
  await createOrganization(db, organization, { keyId, secretHash, scopes: [], name: null });
  return apiKey;
}

/** What differs between an answer and what the document says of it. */
function differences(operation: DocumentedOperation, status: number, answer: Awaited<ReturnType<Scenario>>) {
  const found: string[] = [];
  if (answer.status !== status) return [`answered ${answer.status}: ${answer.text.slice(0, 300)}`];
  const { content, headers } = operation.answers[status] ?? {};
  for (const [name, { required }] of Object.entries(headers ?? {})) {
    if (required !== false && !answer.headers.has(name)) found.push(`lacks the header ${name}`);
  }
  const [mediaType = ""] = (answer.headers.get("content-type") ?? "").split(";");
  if (!content) {
    // A redirect carries a line of text for browsers of old.
    if (status === 204 && answer.text !== "") found.push("has a body");
  } else if (!(mediaType in content)) found.push(`is ${mediaType}`);
  else {
    const faults = operation.faultsOfAnswer(status, mediaType, answer.body ?? answer.text);
    if (faults !== "") found.push(faults);
  }
  return found;
}

describe("the OpenAPI document", () => {
  test("and every answer that can be provoked say the same", async () => {
    const found: string[] = [];
    for (const operation of operations) {
      const scenarios = scenariosOf(operation);
      for (const status of Object.keys(ownScenarios[operation.id] ?? {})) {
        if (!(status in operation.answers)) found.push(`${operation.id} ${status} is not documented`);
      }
      for (const status of Object.keys(operation.answers).map(Number)) {
        if (status >= 500 || unprovokable[operation.id]?.includes(status)) continue;
        const scenario = scenarios[status];
        const faults = scenario
          ? differences(operation, status, await scenario(world))
          : ["has no scenario in openapi-scenarios.ts"];
        found.push(...faults.map((fault) => `${operation.id} ${status} ${fault}`));
      }
    }
    expect(found).toEqual([]);
  }, 60_000);

  test("and answers of several shapes say the same in each of them", async () => {
    await world.gateway.startWorker();
    const found: string[] = [];
    for (const [id, status, scenario] of [
      ...furtherScenarios,
      ...furtherInboxScenarios,
      ...furtherEndpointScenarios,
      ...furtherDeliveryScenarios,
    ]) {
      const operation = operations.find((one) => one.id === id);
      if (!operation) throw new Error(`there is no operation ${id}`);
      const faults = differences(operation, status, await scenario(world));
      found.push(...faults.map((fault) => `${id} ${status} ${fault}`));
    }
    expect(found).toEqual([]);
  }, 60_000);

  test("passes the linter", async () => {
    const redocly = join(root, "node_modules/@redocly/cli/bin/cli.js");
    const file = join(folder, "openapi.json");
    const { stdout, stderr } = await run(
      process.execPath,
      [redocly, "lint", "--config", join(root, "redocly.yaml"), "--format", "stylish", file],
      { env: { PATH: process.env.PATH, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" } },
    ).catch((error: unknown) => error as { stdout: string; stderr: string });
    expect(stdout).not.toMatch(/\b(error|warning)\b/);
    expect(stderr).toContain("Your API description is valid");
  });

  test("gives a client that compiles under `strict` and works without a cast", async () => {
    const journey = join(import.meta.dirname, "typed-client");
    const env = { PATH: process.env.PATH };
    const node = (...args: string[]) => run(process.execPath, args, { env, cwd: root });
    const generator = join(root, "node_modules/openapi-typescript/bin/cli.js");
    await node(generator, join(folder, "openapi.json"), "-o", join(journey, "generated.ts"));
    await node(join(root, "node_modules/typescript/bin/tsc"), "-p", journey);
    await node(join(journey, "journey.ts"), world.gateway.url);
  }, 60_000);
});
