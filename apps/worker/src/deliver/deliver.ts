import { randomUUID } from "node:crypto";
import { type EndpointRow, findEndpointsToSend } from "@triggers/db";
import { decodeDeliveryJob, type DeliveryJob } from "@triggers/domain";
import type { ReceivedJob } from "@triggers/queues";
import { createThrottledLog } from "@triggers/runtime";
import { DrainedError, retryInPlace } from "../retry-in-place.ts";
import { type PlacedJob, windowOf } from "../window/gather-places.ts";
import { type AttemptDeps, createAttempt } from "./attempt.ts";
import { createClaims } from "./claims.ts";

export interface DeliverDeps extends AttemptDeps {
  /** How long a claim lives without being renewed. */
  claimMs: number;
}

export interface DeliveryProcessor {
  process: (job: ReceivedJob) => Promise<void>;
  stop: () => void;
}

/**
 * The processor of the `deliveries` and `retries` queues: claim, post, record, schedule. The row decides, never the job:
 * without the claim nothing is posted. A crash before the record lets the claim run out and the attempt is made again,
 * with the same `webhook-id`; a crash after it leaves the next step to the sweeper.
 */
export function createDeliveryProcessor(deps: DeliverDeps): DeliveryProcessor {
  const logOutage = createThrottledLog(deps.logger, "warn", "deliveries cannot go on right now");
  const repeated = { signal: deps.drained, onError: (error: unknown) => logOutage({ error }) };
  const claims = createClaims(deps.db, deps);
  const attempt = createAttempt(deps);

  /** Frees the room of a job that nothing is known of; a failure leaves it until it runs out. */
  async function releaseUnclaimed(jobId: string, job: DeliveryJob): Promise<void> {
    try {
      const [endpoint] = await findEndpointsToSend(deps.db, [job.p]);
      if (!endpoint) return;
      deps.window.end(placedJob(jobId, job, endpoint.organization_id, endpoint));
    } catch (error) {
      logOutage({ error });
    }
  }

  /** How long to put the job off; undefined when it is done. */
  async function deliver(jobId: string, job: DeliveryJob): Promise<number | undefined> {
    const closedMs = deps.gate.closedMs(job.p);
    if (closedMs > 0) return closedMs;
    const request = {
      ...{ eventId: job.e, endpointId: job.p, scheduleStep: job.s },
      ...{ isManual: job.m !== undefined, claimId: randomUUID() },
    };
    const claimed = await retryInPlace(() => claims.take(request), repeated);
    if (claimed.outcome === "held") return claimed.heldMs + 50;
    if (claimed.outcome === "over") {
      await releaseUnclaimed(jobId, job);
      return undefined;
    }
    const { claim } = claimed;
    const placed = placedJob(jobId, job, claim.delivery.organizationId, claim.endpoint);
    deps.window.take(placed);
    let isReleased = false;
    const releaseOnce = () => {
      if (!isReleased) deps.window.end(placed);
      isReleased = true;
    };
    try {
      const ended = await attempt(jobId, claim, releaseOnce);
      if (ended.end === "refused") await retryInPlace(() => claims.giveBack(claim), repeated);
      if (ended.end !== "done") {
        deps.window.putBack(placed, ended.delayMs);
        return ended.delayMs;
      }
      releaseOnce();
      return undefined;
    } catch (error) {
      if (error instanceof DrainedError) deps.window.putBack(placed, 0);
      else releaseOnce();
      throw error;
    } finally {
      claims.forget(claim);
    }
  }

  return {
    async process(job) {
      const decoded = decodeDeliveryJob(job.data);
      if (!decoded.ok) {
        if (decoded.reason === "newer_version") await job.postpone(10_000);
        // The row in Postgres is the truth: the sweeper makes a job that can be read.
        deps.logger.error("a delivery job is malformed", { jobId: job.id });
        return;
      }
      let delayMs: number | undefined;
      try {
        delayMs = await deliver(job.id, decoded.job);
      } catch (error) {
        if (!(error instanceof DrainedError)) throw error;
        delayMs = 0;
      }
      if (delayMs !== undefined) await job.postpone(delayMs);
    },
    stop: () => {
      claims.stop();
    },
  };
}

function placedJob(
  jobId: string,
  job: DeliveryJob,
  organizationId: string,
  endpoint: Pick<EndpointRow, "max_in_flight"> | undefined,
): PlacedJob {
  const window = windowOf({ organizationId, endpointId: job.p, scheduleStep: job.s });
  return { ...window, jobId, maxInFlight: endpoint?.max_in_flight ?? 1 };
}
