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
import { createKeySchema, rotateKeySchema } from "./key-schemas.ts";
import {
  createKeyOperation,
  generateKeyOperation,
  listKeysOperation,
  revokeKeyOperation,
  rotateKeyOperation,
} from "./operations.ts";
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
      operation: generateKeyOperation,
      handlers: [readBody, signUp(deps)],
    },
    {
      method: "get",
      path: "/api/keys",
      operation: listKeysOperation,
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
      operation: createKeyOperation,
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
      operation: rotateKeyOperation,
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
      operation: revokeKeyOperation,
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
