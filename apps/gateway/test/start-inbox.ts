import {
  createDatabase,
  createPartitions,
  type Database,
  daysAhead,
  insertEvents,
  lockFeeds,
  type NewEvent,
} from "@triggers/db";
import { createEventId } from "@triggers/domain";
import type { ApiAnswer, ApiClient } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

/** A gateway, and a way to put events into inboxes that is as fast as the worker's own insert. */
export interface TestInbox {
  gateway: TestGateway;
  db: Database;
  /** A consumer of a new organization's inbox. */
  createConsumer(): Promise<Consumer>;
  stop(): Promise<void>;
}

export interface Lease {
  lease_id: string;
  leased_until: string;
  events: { id: string; type: string; lease_count: number; inbox_status: string }[];
}

export interface Consumer extends ApiClient {
  /** Stores so many events and returns their ids, in the order of the feed. */
  store(count: number, event?: Partial<NewEvent>): Promise<string[]>;
  post(verb: string, body: unknown): Promise<ApiAnswer>;
  /** Throws when the answer is not a 200. */
  lease(body?: Record<string, unknown>, url?: string): Promise<Lease>;
  inboxStatusOf(id: string): Promise<string>;
  /** The ids in a list of the inbox. */
  list(query: string): Promise<string[]>;
  stats(): Promise<Record<"available" | "leased" | "quarantined", number>>;
}

export async function startTestInbox(settings: Record<string, string> = {}): Promise<TestInbox> {
  const gateway = await startTestGateway(settings);
  const db = createDatabase({
    ...{ url: gateway.settings.DATABASE_URL ?? "", applicationName: "test", maxConnections: 5 },
    onConnectionError: () => undefined,
  });
  return {
    gateway,
    db,
    async createConsumer() {
      const client = await gateway.createClient();
      const post = (verb: string, body: unknown) => client.request("POST", `/api/inbox/${verb}`, body);
      return {
        ...client,
        post,
        store: (count, event = {}) => storeEvents(db, client.organizationId, count, event),
        async lease(body = {}, url = gateway.url) {
          const headers = { "x-api-key": client.apiKey, "content-type": "application/json" };
          const init = { method: "POST", headers, body: JSON.stringify(body) };
          const answer = await fetch(`${url}/api/inbox/lease`, init);
          if (answer.status !== 200) throw new Error(await answer.text());
          return (await answer.json()) as Lease;
        },
        inboxStatusOf: async (id) =>
          (await client.request("GET", `/api/events/${id}`)).body.inbox_status as string,
        async list(query) {
          const { body } = await client.request("GET", `/api/inbox?${query}`);
          return (body.events as { id: string }[]).map(({ id }) => id);
        },
        async stats() {
          const { available, leased, quarantined } = (await client.request("GET", "/api/inbox/stats")).body;
          return { available, leased, quarantined };
        },
      };
    },
    async stop() {
      await db.destroy();
      await gateway.stop();
    },
  };
}

/** Returns the ids in the order of the feed. */
export async function storeEvents(
  db: Database,
  organizationId: string,
  count: number,
  event: Partial<NewEvent> = {},
): Promise<string[]> {
  await createPartitions(db, daysAhead(Date.now(), 1));
  return db.transaction().execute(async (tx) => {
    const feeds = await lockFeeds(tx, new Map([[organizationId, count]]));
    const before = feeds.get(organizationId) ?? 0;
    const rows = Array.from({ length: count }, (_, n) => ({
      ...{
        id: createEventId(Date.now()),
        organizationId,
        position: before + n + 1,
        type: "a",
        payload: "{}",
      },
      ...{ dedupId: null, subscriber: null, metadata: null, cloudevent: null, occurredAt: null },
      ...{ acknowledgedAt: null, erasedAt: null, pendingDeliveries: 0, skippedDeliveries: 0 },
      ...event,
    }));
    await insertEvents(tx, rows);
    return rows.map(({ id }) => id);
  });
}

export const idsOf = ({ events }: Lease) => events.map(({ id }) => id);
