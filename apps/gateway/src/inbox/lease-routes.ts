import { extendLease, readInboxStats } from "@triggers/db";
import { timeOfId } from "@triggers/domain";
import type { PublishWakeUps } from "@triggers/queues";
import type { RequestHandler, Response } from "express";
import { eventText } from "../events/event-view.ts";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson, sendJsonText } from "../http/send-json.ts";
import { signalOfDeparture } from "../http/signal-of-departure.ts";
import { validate } from "../http/validate.ts";
import { addWaitedMs } from "../http/waited-time.ts";
import { type Admit, admissionOf, principalOf } from "../keys/admission.ts";
import type { StillAdmits } from "../keys/still-admits.ts";
import { countResults } from "./held-results.ts";
import {
  extendLeaseOperation,
  getInboxStatsOperation,
  leaseEventsOperation,
  redriveEventsOperation,
  releaseLeaseOperation,
} from "./lease-operations.ts";
import { extendSchema, leaseSchema, redriveSchema, releaseSchema } from "./lease-schemas.ts";
import { type Leased, type LeaseDeps, leaseWhenAvailable } from "./lease-when-available.ts";
import { redrive } from "./redrive.ts";
import { releaseLeased } from "./release-leased.ts";
import { leaseExpired, requireLease } from "./require-lease.ts";

const readBody = createBodyReader(65_536);

export type LeaseRouteDeps = LeaseDeps & {
  admit: Admit;
  stillAdmits: StillAdmits;
  draining: AbortSignal;
  publishWakeUps: PublishWakeUps;
};

/** The inbox as a queue: what a consumer does beside acknowledging. */
export function leaseRoutes(deps: LeaseRouteDeps): Route[] {
  const verb = (path: string, operation: Route["operation"], handler: RequestHandler): Route => ({
    ...{ method: "post", path: `/api/inbox/${path}`, operation },
    handlers: [deps.admit("consume"), readBody, handler],
  });
  return [
    verb("lease", leaseEventsOperation, lease(deps)),
    verb("release", releaseLeaseOperation, async (req, res) => {
      const body = validate(releaseSchema, requireJsonObject(req), "body");
      const { organizationId } = principalOf(res);
      const results = await releaseLeased(deps, organizationId, body);
      const { done, failed } = countResults(results);
      // A consumer that waits for something to lease knows when leases run out, not when they are given back.
      if (done > 0) deps.publishWakeUps([{ organizationId }]);
      sendJson(res, 200, { released: done, failed, results });
    }),
    verb("extend", extendLeaseOperation, async (req, res) => {
      const body = validate(extendSchema, requireJsonObject(req), "body");
      const { organizationId } = principalOf(res);
      requireLease(organizationId, body.lease_id);
      const held = { organizationId, leaseId: body.lease_id };
      const extended = await extendLease(deps.db, held, body.lease_seconds);
      if (!extended) throw leaseExpired();
      const { leasedUntil, events } = extended;
      sendJson(res, 200, { lease_id: body.lease_id, leased_until: leasedUntil, count: events });
    }),
    verb("redrive", redriveEventsOperation, async (req, res) => {
      const { event_ids } = validate(redriveSchema, requireJsonObject(req), "body");
      const { organizationId } = principalOf(res);
      const results = await redrive(deps, organizationId, event_ids);
      const { done, failed } = countResults(results);
      if (done > 0) deps.publishWakeUps([{ organizationId }]);
      sendJson(res, 200, { redriven: done, failed, results });
    }),
    {
      method: "get",
      path: "/api/inbox/stats",
      operation: getInboxStatsOperation,
      handlers: [
        deps.admit("read"),
        async (_req, res) => {
          const stats = await readInboxStats(deps.db, principalOf(res).organizationId);
          const { available, leased, quarantined, oldestId, nowMs } = stats;
          const age = oldestId === null ? null : Math.max(0, nowMs - timeOfId(oldestId)) / 1_000;
          const estimated = stats.isEstimated;
          sendJson(res, 200, { available, leased, quarantined, oldest_age_seconds: age, estimated });
        },
      ],
    },
  ];
}

function lease(deps: LeaseRouteDeps): RequestHandler {
  return async (req, res) => {
    const body = validate(leaseSchema, requireJsonObject(req), "body");
    const request = {
      organizationId: principalOf(res).organizationId,
      limit: body.limit,
      leaseSeconds: body.lease_seconds,
      eventTypes: body.event_types,
      hasWebhookEvents: body.include_webhook_events,
    };
    const leased = await leaseWhenAvailable(waitingAs(deps, res), request, {
      waitMs: body.wait_seconds * 1_000,
      // A drain ends the wait; what is leased in that moment is given back.
      gone: AbortSignal.any([signalOfDeparture(res), deps.draining]),
    });
    sendLease(res, leased);
  };
}

/** A wait is not slowness, and whose key ended during it gets nothing any more. */
function waitingAs(deps: LeaseRouteDeps, res: Response): LeaseDeps {
  const { key } = admissionOf(res);
  return {
    ...deps,
    async waitForEvents(organizationId, options) {
      const startedAt = performance.now();
      const outcome = await deps.waitForEvents(organizationId, options);
      addWaitedMs(res, performance.now() - startedAt);
      await deps.stillAdmits(key, "consume");
      return outcome;
    },
  };
}

/** As text: the payloads are the bytes that were sent. */
function sendLease(res: Response, leased: Leased | undefined): void {
  const events = leased?.events ?? [];
  const head = { lease_id: leased?.leaseId ?? null, leased_until: events[0]?.leased_until ?? null };
  const texts = events.map((event) => eventText(event, { lease_count: event.lease_count }));
  sendJsonText(res, 200, `${JSON.stringify(head).slice(0, -1)},"events":[${texts.join(",")}]}`);
}
