import { setTimeout as pause } from "node:timers/promises";
import type { ApiClient, Receiver } from "@triggers/testing";
import { percentile } from "./statistics.ts";

export interface LatencyRun {
  ingestP50: number;
  ingestP99: number;
  /** From the request's start to its arrival at the receiver. */
  deliveryP50: number;
  deliveryP99: number;
}

const perSecond = 20;

/** Publishes at a constant rate, whatever the answers take, and waits until all have arrived. Throws when one is missing. */
export async function measureLatency(
  client: ApiClient,
  receiver: Receiver,
  seconds: number,
): Promise<LatencyRun> {
  const before = receiver.received.length;
  const ingest: number[] = [];
  const sending: Promise<void>[] = [];
  for (let sent = 0; sent < seconds * perSecond; sent += 1) {
    sending.push(publishTimed(client, ingest));
    await pause(1_000 / perSecond);
  }
  await Promise.all(sending);
  await receiver.waitFor(before + sending.length);
  const delivery = receiver.received.slice(before).map(({ body, receivedAt }) => {
    return receivedAt - (JSON.parse(body.toString()) as { data: { sentAt: number } }).data.sentAt;
  });
  const sorted = (values: number[]) => Float64Array.from(values).sort();
  return {
    ingestP50: percentile(sorted(ingest), 0.5),
    ingestP99: percentile(sorted(ingest), 0.99),
    deliveryP50: percentile(sorted(delivery), 0.5),
    deliveryP99: percentile(sorted(delivery), 0.99),
  };
}

async function publishTimed(client: ApiClient, latencies: number[]): Promise<void> {
  const startedAt = performance.now();
  const answer = await client.publish({ type: "order.created", payload: { sentAt: Date.now() } });
  if (answer.status !== 202) throw new Error(`a request was answered with ${answer.status}: ${answer.text}`);
  latencies.push(performance.now() - startedAt);
}
