import { type Database, findEndpointsToSend } from "@triggers/db";
import { createEventId, type SecretBox } from "@triggers/domain";
import {
  decodeTestJob,
  type ReceivedJob,
  type TestAnswer,
  type TestAnswers,
  type TestJob,
} from "@triggers/queues";
import type { Logger } from "@triggers/runtime";
import type { SendWebhook } from "../deliver/send-webhook.ts";
import { buildWebhookRequest } from "../deliver/webhook-request.ts";

export interface TestSendDeps {
  db: Database;
  send: SendWebhook;
  secretBox: Pick<SecretBox, "open">;
  answers: TestAnswers;
  logger: Logger;
  /** Cuts the request of a worker that drains. */
  drained: AbortSignal;
}

/** How many tests a worker sends at once. */
export const testConcurrency = 20;

/**
 * The processor of the `tests` queue: an example event goes to the endpoint as any other would, and nothing of it is
 * stored. A job whose worker died comes back and is sent again, as long as somebody waits for it.
 */
export function createTestProcessor(deps: TestSendDeps): (job: ReceivedJob) => Promise<void> {
  return async ({ id, data }) => {
    const job = decodeTestJob(data);
    if (!job) {
      // Whoever waits for a newer version's job will hear that no worker took it.
      deps.logger.warn("a test cannot be read by this worker", { jobId: id });
      return;
    }
    if (await deps.answers.isAwaited(id)) await deps.answers.answer(id, await sendTest(deps, job));
  };
}

async function sendTest(deps: TestSendDeps, { organizationId, endpointId }: TestJob): Promise<TestAnswer> {
  const [endpoint] = await findEndpointsToSend(deps.db, [endpointId]);
  if (endpoint?.deleted_at !== null || endpoint.organization_id !== organizationId) {
    return { outcome: "no_endpoint" };
  }
  const startedAt = new Date();
  const event = {
    ...{ eventId: createEventId(startedAt.getTime()), organizationId, type: "webhook.test" },
    ...{ payload: JSON.stringify({ message: "This is a test.", endpoint_id: endpointId }) },
    ...{ occurredAt: null, cloudevent: null, attempts: 0 },
  };
  const request = buildWebhookRequest(deps.secretBox, endpoint, event, startedAt);
  const result = await deps.send({ ...request, signal: deps.drained });
  deps.logger.info("test sent", { endpointId, status: result.status, errorCode: result.errorCode });
  return {
    outcome: "sent",
    attempt: {
      event_id: event.eventId,
      number: 1,
      trigger: "test",
      started_at: startedAt.toISOString(),
      duration_ms: result.durationMs,
      response_status: result.status,
      error_code: result.errorCode,
      error_detail: result.errorDetail,
      response_headers: result.responseHeaders,
      response_body: result.responseBody.toString("utf8"),
    },
  };
}
