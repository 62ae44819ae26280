import type { StoredEvent } from "../system.ts";

/** A Standard Webhooks request: the id is told twice and must be one. */
export function readTriggersWebhook(headers: Record<string, unknown>, body: Buffer): StoredEvent {
  const { id, data } = JSON.parse(body.toString()) as { id: string; data: { n: number } };
  if (headers["webhook-id"] !== id) {
    throw new Error(`webhook-id ${String(headers["webhook-id"])} on the body of ${id}`);
  }
  return { id, number: data.n };
}
