import { allows, DomainError, type Scope } from "@triggers/domain";
import type { RequestHandler, Response } from "express";
import { apiKeyOf } from "../http/api-key-of-request.ts";
import { createDeadline, type Deadline, DeadlineError } from "../http/deadline.ts";
import type { Grant, Limiter } from "../limits/limiter.ts";
import { createLocalLimiter } from "../limits/local-limiter.ts";
import { rateLimitError, setRateLimitHeaders } from "../limits/rate-limit-headers.ts";
import type { KeyUses } from "./key-uses.ts";
import type { Principal, VerifiedKey, VerifiedKeys } from "./verified-keys.ts";

/** A request whose key was accepted. */
export interface Admission {
  principal: Principal;
  key: VerifiedKey;
  /** For `publish` the route decides when a refusal counts: a broken body is a 400 also when the limit is used up. */
  grant: Grant;
  deadline: Deadline;
}

interface Options {
  keys: VerifiedKeys;
  keyUses: KeyUses;
  limiter: Limiter;
  windowMs: number;
  deadlineMs: number;
}

/** Builds the first handler of every keyed route: key, scope, budget, in this order. */
export type Admit = (scope: Scope) => RequestHandler;

/** How many times the tier all other routes may be called. */
const apiBudgetFactor = 10;

export function createAdmit({ keys, keyUses, limiter, windowMs, deadlineMs }: Options): Admit {
  const local = createLocalLimiter(windowMs);

  /** Needs no Redis: one that is silent may take half of the time, the rest is for the key's row. */
  const takeFromApi = async (organizationId: string, limit: number): Promise<Grant> => {
    try {
      const grant = await createDeadline(deadlineMs / 2).race(limiter.take("api", organizationId, limit));
      if (grant.outcome !== "unknown") return grant;
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
    }
    return local.take(organizationId, limit);
  };

  return (scope) => {
    const budget = scope === "publish" ? "publish" : "api";
    return async (req, res, next) => {
      const deadline = createDeadline(deadlineMs);
      const key = await deadline.race(keys.verify(apiKeyOf(req)), databaseIsSilent);
      const { organizationId, rateLimitPerMinute } = key.principal;
      const grant =
        budget === "publish"
          ? await deadline.race(limiter.take(budget, organizationId, rateLimitPerMinute), queueIsSilent)
          : await takeFromApi(organizationId, rateLimitPerMinute * apiBudgetFactor);
      // Publishing needs Redis in any case; all other routes go on without it, by the key's row.
      const principal =
        grant.outcome === "unknown"
          ? key.principal
          : await deadline.race(keys.confirm(key, grant.epoch), databaseIsSilent);
      keyUses.note(principal.keyId);
      setRateLimitHeaders(res, budget, grant, windowMs);
      if (!allows(principal.scopes, scope)) {
        throw new DomainError("missing_scope", `This key lacks the scope "${scope}".`);
      }
      if (budget === "api" && grant.outcome === "refused") throw rateLimitError(grant);
      (res.locals as { admission?: Admission }).admission = { principal, key, grant, deadline };
      next();
    };
  };
}

function databaseIsSilent(cause: DeadlineError): DomainError {
  return new DomainError("database_unavailable", "The key cannot be checked right now; try again shortly.", {
    cause,
  });
}

function queueIsSilent(cause: DeadlineError): DomainError {
  return new DomainError("queue_unavailable", "The queue cannot be reached right now; try again shortly.", {
    cause,
  });
}

export function admissionOf(res: Response): Admission {
  const { admission } = res.locals as { admission?: Admission };
  if (!admission) throw new Error("this route has no admission");
  return admission;
}

export function principalOf(res: Response): Principal {
  return admissionOf(res).principal;
}
