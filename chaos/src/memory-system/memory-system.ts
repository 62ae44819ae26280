import { fileURLToPath } from "node:url";
import { createAppParts } from "../app-parts.ts";
import type { EventSystem, PublishAnswer, StoredEvent, SystemOptions, SystemUnderTest } from "../system.ts";

const notThere = (what: string) => () => {
  throw new Error(`The system in memory has no ${what}.`);
};

/**
 * Gateways that keep their events in memory, and nothing behind them. The smallest example of a system under test, and
 * the proof that the harness sees one that loses.
 */
export const memorySystem: SystemUnderTest = { roles: ["gateway"], start: startMemorySystem };

async function startMemorySystem(
  { logs }: { logs: string },
  { gateways }: SystemOptions,
): Promise<EventSystem> {
  const apps = createAppParts(() => fileURLToPath(new URL("server.ts", import.meta.url)));
  const webhooks = new Map<string, string>();
  let clients = 0;
  await Promise.all(Array.from({ length: gateways }, () => apps.start("gateway", {})));
  return {
    async createClient(webhook) {
      const id = `client-${++clients}`;
      if (webhook) webhooks.set(id, webhook.url);
      return Promise.resolve({ id, apiKey: "none" });
    },
    publish: (client, event, gateway) =>
      publish(gateway.url, { ...event, client: client.id, webhook: webhooks.get(client.id) }),
    sendRaw: (_client, headers, body, gateway) =>
      fetch(gateway.url, { method: "POST", headers, body: new Uint8Array(body) }).then(
        ({ status }) => String(status),
        (error: unknown) => String(error),
      ),
    async stored(client) {
      const lists = apps.running("gateway").map(async ({ url }) => {
        const answer = await fetch(`${url}/${client.id}`);
        return (await answer.json()) as StoredEvent[];
      });
      return (await Promise.all(lists)).flat();
    },
    readWebhook: (_headers, body) => JSON.parse(body.toString()) as StoredEvent,
    parts: (role) => apps.running(role),
    start: (role, settings = {}) => (role === "gateway" ? apps.start(role, settings) : notThere(role)()),
    signal: (part, signal) => {
      apps.signal(part, signal);
    },
    isReady: () => Promise.resolve(true),
    inHand: () => Promise.resolve(0),
    putAside: () => Promise.resolve(0),
    held: () => Promise.resolve([]),
    crashes: () => apps.crashes(),
    stop: () => apps.stop(logs),
    ...{ list: notThere("list"), follow: notThere("stream"), lease: notThere("lease") },
    ...{ acknowledge: notThere("lease"), show: notThere("API for one event") },
    ...{
      wipeQueue: notThere("queue"),
      moveQueue: notThere("queue"),
      holdReplicaBack: notThere("queue"),
      upgradeStore: notThere("schema"),
    },
  };
}

async function publish(url: string, event: unknown): Promise<PublishAnswer> {
  try {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(event) });
    const { id } = (await answer.json()) as { id?: string };
    const outcome = answer.status === 202 ? "accepted" : answer.status === 409 ? "duplicate" : "refused";
    return { outcome, status: answer.status, ...(id === undefined ? {} : { id }) };
  } catch (error) {
    const cause = Error.isError(error) ? (error.cause as { code?: string } | undefined) : undefined;
    const code = cause?.code ?? String(error);
    return { outcome: code === "ECONNREFUSED" ? "unreachable" : "unanswered", status: 0, error: code };
  }
}
