import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { insertDeadLetter } from "@triggers/db";
import { createId } from "@triggers/domain";
import type { ApiAnswer, ApiClient } from "@triggers/testing";
import Joi from "joi";
import {
  createdKeyAnswer,
  generatedKeyAnswer,
  keyListAnswer,
  rotatedKeyAnswer,
} from "../src/keys/key-answers.ts";
import {
  auditLogAnswer,
  deadLetterListAnswer,
  organizationAnswer,
  organizationListAnswer,
  retriedAnswer,
} from "../src/operator/operator-answers.ts";
import { adminToken, type OperatorGateway, startOperatorGateway } from "./start-operator.ts";

let operator: OperatorGateway;
let client: ApiClient;
const letterId = createId();

beforeAll(async () => {
  operator = await startOperatorGateway();
  client = await operator.gateway.createClient();
  await insertDeadLetter(operator.db, {
    eventId: letterId,
    organizationId: client.organizationId,
    job: Buffer.from("{}"),
    eventType: null,
    reason: "",
    errorCode: null,
  });
});
afterAll(() => operator.stop());

const own = () => `/api/admin/organizations/${client.organizationId}`;
const asked: [string, () => string, unknown, Joi.Schema][] = [
  ["POST", () => "/api/keys/generate", { organization_name: "Acme" }, generatedKeyAnswer],
  ["GET", () => "/api/keys", undefined, keyListAnswer],
  ["POST", () => "/api/keys", { expires_at: "2099-01-01T00:00:00Z" }, createdKeyAnswer],
  ["POST", () => "/api/keys/rotate", { overlap_seconds: 60 }, rotatedKeyAnswer],
  ["GET", () => "/api/admin/organizations", undefined, organizationListAnswer],
  ["GET", own, undefined, organizationAnswer],
  ["PATCH", own, { rate_limit_per_minute: 5 }, organizationAnswer],
  ["POST", () => `${own()}/keys`, undefined, createdKeyAnswer],
  ["GET", () => "/api/admin/dead-letters", undefined, deadLetterListAnswer],
  ["POST", () => `/api/admin/dead-letters/${letterId}/retry`, undefined, retriedAnswer],
  ["GET", () => "/api/admin/audit-log", undefined, auditLogAnswer],
];

test.each(asked.map(([method, path, body, schema], n) => ({ n, method, path, body, schema })))(
  "answer $n, a $method, is what its schema says, no more and no less",
  async ({ method, path, body, schema }) => {
    const isOperators = path().startsWith("/api/admin");
    const headers: Record<string, string> = isOperators
      ? { "x-api-key": "", authorization: `Bearer ${adminToken}` }
      : {};
    const answer: ApiAnswer = await client.request(method, path(), body, headers);
    expect(Math.floor(answer.status / 100)).toBe(2);
    expect(schema.validate(answer.body, { abortEarly: false }).error?.message).toBeUndefined();
  },
);
