import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type DocumentedOperation, operationsOf, readDocument } from "./openapi-document.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";
import type { ApiClient } from "@triggers/testing";

let gateway: TestGateway;
let client: ApiClient;
let operations: DocumentedOperation[];
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.createClient();
  operations = operationsOf(await readDocument(gateway.url));
});
afterAll(() => gateway.stop());

const event = { type: "a.b", payload: {} };
const url = "https://example.com/hooks";
const id = "01890000-0000-7000-8000-000000000000";

// What Joi's own JSON Schema leaves out and is said beside the schema: held against the route from both sides.
test.each<[string, boolean, unknown]>([
  ["generateKey", true, { organization_name: "a" }],
  ["generateKey", true, { org_name: "a" }],
  ["generateKey", false, {}],
  ["generateKey", false, { organization_name: "a", org_name: "a" }],
  ["generateKey", false, { organization_name: "a\0" }],
  ["generateKey", false, { organization_name: "\ud800" }],
  ["generateKey", true, { organization_name: "😀" }],
  ["publishEvent", true, { ...event, unheard_of: 1 }],
  ["publishEvent", true, { ...event, metadata: { a: "" } }],
  ["publishEvent", false, { ...event, metadata: { 'a"': "b" } }],
  ["publishEvent", false, { ...event, metadata: { a: 1 } }],
  ["publishEvent", false, { ...event, type: ".a" }],
  ["publishEvent", false, { ...event, type: "a." }],
  ["publishEvent", false, { ...event, type: "a b" }],
  ["publishEvent", true, { ...event, type: "a" }],
  ["publishEvent", true, { ...event, occurred_at: "2026-01-31T12:00:00+01:00" }],
  ["publishEvent", false, { ...event, occurred_at: "2026-01-31" }],
  ["publishEvent", false, { ...event, occurred_at: "2026-13-31T12:00:00Z" }],
  ["acknowledgeEvents", true, { event_ids: [id.toUpperCase()] }],
  ["acknowledgeEvents", false, { event_ids: ["7"] }],
  ["acknowledgeEvents", false, {}],
  ["acknowledgeEvents", false, { lease_id: "7" }],
  ["leaseEvents", true, {}],
  ["leaseEvents", true, { limit: 100, lease_seconds: 1, wait_seconds: 0, event_types: ["a.*", "*"] }],
  ["leaseEvents", false, { limit: "1" }],
  ["leaseEvents", false, { event_types: [] }],
  ["leaseEvents", false, { include_webhook_events: "true" }],
  ["releaseLease", false, { event_ids: [id] }],
  ["extendLease", false, { lease_id: id }],
  ["redriveEvents", true, { event_ids: [id] }],
  ["publishBatch", true, { events: [event] }],
  ["publishBatch", false, { events: [] }],
  ["publishBatch", false, { events: [{ ...event, type: "." }] }],
  ["createKey", true, { scopes: ["read"], expires_at: "2099-01-01T00:00:00+01:00" }],
  ["createKey", false, { scopes: [] }],
  ["createKey", false, { scopes: ["read", "read"] }],
  ["createKey", false, { expires_at: "2099-01-01" }],
  ["configureWebhook", true, { webhook_url: url, event_types: ["*", "a.*", "a"] }],
  ["configureWebhook", false, { webhook_url: url, event_types: ["a*"] }],
  ["configureWebhook", false, { webhook_url: url, event_types: [".*"] }],
  ["configureWebhook", true, { url, auth_headers: { "x-a": "" } }],
  ["configureWebhook", false, { webhook_url: url, url }],
  ["configureWebhook", false, { webhook_url: url, headers: {}, auth_headers: {} }],
  ["configureWebhook", false, { webhook_url: url, headers: { "a b": "" } }],
  ["configureWebhook", false, { webhook_url: url, headers: { host: "a" } }],
  ["configureWebhook", false, { webhook_url: url, headers: { "x-a": "a\n" } }],
  ["createEndpoint", true, { url, name: null, retry_schedule: [0, 5], event_types: null, headers: null }],
  ["createEndpoint", true, { url, format: null, subscriber: null, metadata: null, timeout_ms: null }],
  ["createEndpoint", false, { url: null }],
  ["createEndpoint", false, { url, format: "xml" }],
  ["createEndpoint", false, { url, headers: { "webhook-id": "a" } }],
  ["createEndpoint", false, { url, retry_schedule: [86_401] }],
  ["createEndpoint", false, { url, signing_secret: "whsec_x" }],
  ["createEndpoint", false, { url, subscriber: "a\0" }],
])("%s: document and route both say %s to %j", async (name, isGood, body) => {
  const operation = operations.find((one) => one.id === name);
  const { status } = await client.request(operation?.method ?? "", operation?.path ?? "", body);
  expect({ documented: operation?.allows(body), accepted: status < 300 }).toEqual({
    documented: isGood,
    accepted: isGood,
  });
});
