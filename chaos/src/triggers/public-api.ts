import { type ApiAnswer, callApi } from "@triggers/testing";
import type { ListPage, ShownEvent, Webhook } from "../system.ts";

/** Throws unless the answer is a 200. */
export async function call(url: string, apiKey: string, method: string, path: string, body?: unknown) {
  const answer: ApiAnswer = await callApi(url, method, path, body, { "x-api-key": apiKey });
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body as unknown;
}

export async function configureWebhook(
  url: string,
  apiKey: string,
  { url: webhookUrl, timeoutMs }: Webhook,
): Promise<void> {
  await call(url, apiKey, "POST", "/api/webhook/config", {
    webhook_url: webhookUrl,
    ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
  });
}

/** All events, acknowledged or not, in the order of the feed. */
export async function listEvents(url: string, apiKey: string, cursor: string | undefined): Promise<ListPage> {
  const after = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  const page = (await call(url, apiKey, "GET", `/api/inbox?status=all&limit=1000${after}`)) as {
    events: { id: string; payload: { n: number } }[];
    end_cursor: string;
  };
  return {
    events: page.events.map(({ id, payload }) => ({ id, number: payload.n })),
    cursor: page.end_cursor,
  };
}

export async function showEvent(url: string, apiKey: string, id: string): Promise<ShownEvent> {
  const event = (await call(url, apiKey, "GET", `/api/events/${id}`)) as {
    delivery_status: string;
    deliveries: {
      next_attempt_at: string | null;
      attempts: { response_status: number | null; error_code: string | null; duration_ms: number }[];
    }[];
  };
  return {
    deliveryStatus: event.delivery_status,
    attempts: event.deliveries.flatMap(({ attempts }) =>
      attempts.map((attempt) => ({
        status: attempt.response_status,
        errorCode: attempt.error_code,
        durationMs: attempt.duration_ms,
      })),
    ),
    nextAttemptAt: event.deliveries[0]?.next_attempt_at ?? null,
  };
}
