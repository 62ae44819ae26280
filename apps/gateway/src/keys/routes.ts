import { findDefaultEndpoint, findOrganization, listApiKeys } from "@triggers/db";
import type { Logger } from "@triggers/runtime";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "./admission.ts";
import { createKey } from "./create-key.ts";
import { createdKeyView } from "./created-key-view.ts";
import type { RaiseEpoch } from "./epochs.ts";
import { createdKeyAnswer, generatedKeyAnswer, keyListAnswer, rotatedKeyAnswer } from "./key-answers.ts";
import { createKeySchema, generateKeySchema, rotateKeySchema } from "./key-schemas.ts";
import { revokeKey } from "./revoke-key.ts";
import { rotateKey } from "./rotate-key.ts";
import { type SignupDeps, signUp } from "./signup.ts";

export interface KeyDeps extends SignupDeps {
  admit: Admit;
  raiseEpoch: RaiseEpoch;
  logger: Logger;
}

const readBody = createBodyReader(16_384);

export function keyRoutes(deps: KeyDeps): Route[] {
  return [
    {
      method: "post",
      path: "/api/keys/generate",
      operation: {
        id: "generateKey",
        tag: "Keys",
        summary: "Create an organization with its first key",
        access: "signup",
        body: { schema: generateKeySchema, isRequired: true },
        answers: {
          201: {
            description: "The organization and its key, which is shown only here.",
            schema: generatedKeyAnswer,
          },
        },
        problems: ["admin_token_required", "signup_limit_exceeded", "database_unavailable", "key_check_busy"],
      },
      handlers: [readBody, signUp(deps)],
    },
    {
      method: "get",
      path: "/api/keys",
      operation: {
        id: "listKeys",
        tag: "Keys",
        summary: "Show the organization and its keys",
        description: "Keys that are neither revoked nor expired, oldest first; never a secret.",
        access: "read",
        answers: { 200: { description: "The organization and its keys.", schema: keyListAnswer } },
      },
      handlers: [
        deps.admit("read"),
        async (_req, res) => {
          const principal = principalOf(res);
          const [organization, keys, endpoint] = await Promise.all([
            findOrganization(deps.db, principal.organizationId),
            listApiKeys(deps.db, principal.organizationId),
            findDefaultEndpoint(deps.db, principal.organizationId),
          ]);
          sendJson(res, 200, {
            organization_id: principal.organizationId,
            organization_name: principal.organizationName,
            tier: principal.tier,
            rate_limit_per_minute: principal.rateLimitPerMinute,
            webhook_url: endpoint?.url ?? null,
            created_at: organization?.created_at,
            updated_at: organization?.updated_at,
            keys,
          });
        },
      ],
    },
    {
      method: "post",
      path: "/api/keys",
      operation: {
        id: "createKey",
        tag: "Keys",
        summary: "Create a further key of the organization",
        access: "admin",
        body: { schema: createKeySchema, isRequired: false },
        answers: { 201: { description: "The key, which is shown only here.", schema: createdKeyAnswer } },
        problems: ["key_limit_reached"],
      },
      handlers: [
        deps.admit("admin"),
        readBody,
        async (req, res) => {
          const { organizationId, keyId: actor } = principalOf(res);
          const wanted = validate(createKeySchema, requireJsonObject(req), "body");
          sendJson(res, 201, createdKeyView(await createKey(deps, { organizationId, actor }, wanted)));
        },
      ],
    },
    {
      method: "post",
      path: "/api/keys/rotate",
      operation: {
        id: "rotateKey",
        tag: "Keys",
        summary: "Replace the key that asks",
        description:
          "The new key has the old one's name and scopes and does not expire. The old one stops working everywhere within a second of the overlap's end.",
        access: "admin",
        body: { schema: rotateKeySchema, isRequired: false },
        answers: { 200: { description: "The new key, which is shown only here.", schema: rotatedKeyAnswer } },
        problems: ["queue_unavailable"],
      },
      handlers: [
        deps.admit("admin"),
        readBody,
        async (req, res) => {
          const principal = principalOf(res);
          const { overlap_seconds } = validate(rotateKeySchema, requireJsonObject(req), "body");
          const rotated = await rotateKey(deps, principal, overlap_seconds);
          sendJson(res, 200, {
            api_key: rotated.apiKey,
            key_id: rotated.keyId,
            organization_id: principal.organizationId,
            rotated_at: rotated.rotatedAt,
            previous_key_expires_at: rotated.previousKeyExpiresAt,
            message: "Keep this key: it is shown only once.",
          });
        },
      ],
    },
    {
      method: "delete",
      path: "/api/keys/:key_id",
      operation: {
        id: "revokeKey",
        tag: "Keys",
        summary: "Revoke a key",
        description:
          "It stops working everywhere within a second. A key may revoke itself, unless it is the last admin key.",
        access: "admin",
        answers: { 204: { description: "The key is revoked." } },
        problems: ["not_found", "last_admin_key", "queue_unavailable"],
      },
      handlers: [
        deps.admit("admin"),
        async (req, res) => {
          await revokeKey(deps, principalOf(res), String(req.params.key_id));
          res.status(204).end();
        },
      ],
    },
  ];
}
