import type { Database } from "@triggers/db";
import { DomainError, type Tier } from "@triggers/domain";
import type { Request, RequestHandler } from "express";
import { requireJsonObject } from "../http/read-body.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import type { Limiter } from "../limits/limiter.ts";
import { isOperator } from "../operator/operator-token.ts";
import { generateKey } from "./generate-key.ts";
import { generateKeySchema } from "./key-schemas.ts";
import type { SecretHasher } from "./secret-hasher.ts";

export interface SignupDeps {
  db: Database;
  hasher: SecretHasher;
  limiter: Limiter;
  signup: "open" | "admin";
  adminToken: string | undefined;
  signupLimitPerMinute: number;
  rateLimitOfTier: Record<Tier, number>;
}

/** Creates an organization with its first key: for everybody, or only for the operator. */
export function signUp(deps: SignupDeps): RequestHandler {
  return async (req, res) => {
    if (deps.signup === "admin" && !isOperator(req, deps.adminToken)) {
      throw new DomainError(
        "admin_token_required",
        "Signup is closed; send `Authorization: Bearer <ADMIN_TOKEN>`.",
      );
    }
    await takeSignup(req, deps);
    const { organization_name, org_name, tier } = validate(generateKeySchema, requireJsonObject(req), "body");
    const name = organization_name ?? org_name ?? "";
    const actor = isOperator(req, deps.adminToken) ? "operator" : "signup";
    const key = await generateKey(deps, { name, tier }, actor);
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
  };
}

/** With Redis away nobody counts; Postgres still bounds what a flood can do. */
async function takeSignup(req: Request, deps: SignupDeps): Promise<void> {
  const grant = await deps.limiter.take("signup", req.ip ?? "unknown", deps.signupLimitPerMinute);
  if (grant.outcome !== "refused") return;
  throw new DomainError("signup_limit_exceeded", "Too many organizations were created from this address.", {
    headers: { "Retry-After": String(grant.resetSeconds) },
  });
}
