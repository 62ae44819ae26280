import {
  claimDeliveries,
  type ClaimedDelivery,
  type ClaimRequest,
  type Database,
  type EndpointRow,
  findClaimHeldMs,
  renewClaims,
  returnClaims,
} from "@triggers/db";
import { createBatcher, type Logger } from "@triggers/runtime";
import { createEndpointRows } from "./endpoint-rows.ts";

/** The right to attempt one delivery, renewed until it is forgotten. */
export interface Claim {
  delivery: ClaimedDelivery;
  endpoint: EndpointRow | undefined;
  /** Aborts when somebody else may have taken over, and when a drain cuts what is in flight. */
  cut: AbortSignal;
}

export type ClaimOutcome =
  | { outcome: "claimed"; claim: Claim }
  /** Somebody else attempts this step; after that time the claim may have run out. */
  | { outcome: "held"; heldMs: number }
  /** Another step, or not open any more: there is nothing to do. */
  | { outcome: "over" };

export interface Claims {
  take(request: ClaimRequest): Promise<ClaimOutcome>;
  /** Gives it back without an attempt, at once free for whoever comes next. */
  giveBack(claim: Claim): Promise<void>;
  forget(claim: Claim): void;
  stop(): void;
}

export function createClaims(
  db: Database,
  { claimMs, logger, drained }: { claimMs: number; logger: Logger; drained: AbortSignal },
): Claims {
  const endpointsOf = createEndpointRows(db);
  const held = new Map<string, { claim: Claim; controller: AbortController; renewedAt: number }>();

  // One statement for all jobs that start at the same time: round trips are what a delivery costs most.
  const batcher = createBatcher<ClaimRequest, Claim | undefined>(
    { maxItems: 200, spacingMs: 1, maxConcurrent: 2 },
    async (requests) => {
      const askedAt = performance.now();
      const claimed = await claimDeliveries(db, requests, claimMs);
      if (claimed.length === 0) return requests.map(() => undefined);
      const endpoints = await endpointsOf(claimed);
      const byId = new Map(claimed.map((delivery) => [delivery.claimId, delivery]));
      return requests.map(({ claimId }) => {
        const delivery = byId.get(claimId);
        if (!delivery) return undefined;
        const controller = new AbortController();
        if (drained.aborted) controller.abort();
        const claim = { delivery, endpoint: endpoints.get(delivery.endpointId), cut: controller.signal };
        held.set(claimId, { claim, controller, renewedAt: askedAt });
        return claim;
      });
    },
  );

  const returning = createBatcher<Claim, undefined>(
    { maxItems: 200, spacingMs: 2, maxConcurrent: 2 },
    async (claims) => {
      await returnClaims(
        db,
        claims.map(({ delivery }) => delivery),
      );
      return claims.map(() => undefined);
    },
  );

  async function renewAll() {
    const due = [...held.values()];
    if (due.length === 0) return;
    const askedAt = performance.now();
    // A process that was frozen longer than its claims live must not go on as if it held them.
    for (const { controller, renewedAt } of due) if (askedAt - renewedAt > claimMs) controller.abort();
    try {
      const ours = await renewClaims(
        db,
        due.map(({ claim }) => claim.delivery),
        claimMs,
      );
      for (const entry of due) {
        if (ours.has(entry.claim.delivery.claimId)) entry.renewedAt = askedAt;
        else if (held.has(entry.claim.delivery.claimId)) entry.controller.abort();
      }
    } catch (error) {
      // While Postgres is away nobody else can claim them either.
      logger.debug("claims were not renewed", { error });
    }
  }
  const timer = setInterval(() => void renewAll(), claimMs / 3);
  drained.addEventListener("abort", () => {
    for (const { controller } of held.values()) controller.abort();
  });

  return {
    async take(request) {
      const claim = await batcher.add(request);
      if (claim) return { outcome: "claimed", claim };
      const heldMs = await findClaimHeldMs(db, request);
      return heldMs === undefined ? { outcome: "over" } : { outcome: "held", heldMs };
    },
    async giveBack(claim) {
      await returning.add(claim);
      held.delete(claim.delivery.claimId);
    },
    forget: ({ delivery }) => held.delete(delivery.claimId),
    stop: () => {
      clearInterval(timer);
    },
  };
}
