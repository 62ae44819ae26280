import { timingSafeEqual, createHash } from "node:crypto";
import { type Database, findDefaultEndpoint, findOrganization, listApiKeys } from "@triggers/db";
import { DomainError, type Tier } from "@triggers/domain";
import type { Logger } from "@triggers/runtime";
import type { Request } from "express";
import { bearerTokenOf } from "../http/api-key-of-request.ts";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import type { Limiter } from "../limits/limiter.ts";
import { type Admit, principalOf } from "./admission.ts";
import type { RaiseEpoch } from "./epochs.ts";
import { generateKey } from "./generate-key.ts";
import { generateKeySchema, rotateKeySchema } from "./key-schemas.ts";
import { generateKeyOperation, listKeysOperation, rotateKeyOperation } from "./operations.ts";
import { rotateKey } from "./rotate-key.ts";
import type { SecretHasher } from "./secret-hasher.ts";

export interface KeyDeps {
  db: Database;
  hasher: SecretHasher;
  limiter: Limiter;
  admit: Admit;
  raiseEpoch: RaiseEpoch;
  logger: Logger;
  signup: "open" | "admin";
  adminToken: string | undefined;
  signupLimitPerMinute: number;
  rateLimitOfTier: Record<Tier, number>;
}

const readBody = createBodyReader(16_384);

export function keyRoutes(deps: KeyDeps): Route[] {
  return [
    {
      method: "post",
      path: "/api/keys/generate",
      operation: generateKeyOperation,
      handlers: [
        readBody,
        async (req, res) => {
          if (deps.signup === "admin") requireAdminToken(req, deps.adminToken);
          await takeSignup(req, deps);
          const { organization_name, org_name, tier } = validate(
            generateKeySchema,
            requireJsonObject(req),
            "body",
          );
          const name = organization_name ?? org_name ?? "";
          const key = await generateKey(deps, { name, tier });
          sendJson(res, 201, {
            api_key: key.apiKey,
            key_id: key.keyId,
            organization_id: key.organizationId,
            organization_name: name,
            tier,
            rate_limit_per_minute: deps.rateLimitOfTier[tier],
            scopes: ["admin"],
            created_at: key.createdAt,
            message: "Keep this key: it is shown only once.",
          });
        },
      ],
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
  ];
}

/** Compares hashes, so that the time taken tells nothing about the token. */
function requireAdminToken(req: Request, adminToken: string | undefined): void {
  const given = bearerTokenOf(req);
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (
    given === undefined ||
    adminToken === undefined ||
    !timingSafeEqual(digest(given), digest(adminToken))
  ) {
    throw new DomainError(
      "admin_token_required",
      "Signup is closed; send `Authorization: Bearer <ADMIN_TOKEN>`.",
    );
  }
}

/** With Redis away nobody counts; Postgres still bounds what a flood can do. */
async function takeSignup(req: Request, deps: KeyDeps): Promise<void> {
  const grant = await deps.limiter.take("signup", req.ip ?? "unknown", deps.signupLimitPerMinute);
  if (grant.outcome !== "refused") return;
  throw new DomainError("signup_limit_exceeded", "Too many organizations were created from this address.", {
    headers: { "Retry-After": String(grant.resetSeconds) },
  });
}
