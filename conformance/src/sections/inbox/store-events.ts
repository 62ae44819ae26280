import { randomUUID } from "node:crypto";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual } from "../../expect.ts";
import type { Answer } from "../../http-call.ts";
import type { Organization, World } from "../../world.ts";

export interface Lease {
  lease_id: string;
  leased_until: string;
  events: { id: string; lease_count: number; inbox_status: string }[];
}

export interface StoredEvents {
  main: Organization;
  /** A type of their own, by which no other check's events come along. */
  type: string;
  /** In the order of persistence. */
  ids: string[];
  post: (verb: string, body: Record<string, unknown>) => Promise<Answer>;
  /** A lease of these events only; it must be granted. */
  lease: (body?: Record<string, unknown>) => Promise<Lease>;
}

/** Stored events of the shared organization. */
export async function storeEvents(world: World, count = 1): Promise<StoredEvents> {
  const main = await world.organization("main");
  const type = `conformance.${randomUUID()}`;
  const sent: string[] = [];
  for (let index = 0; index < count; index += 1) {
    sent.push(((await main.publish({ type, payload: { index } })).body as { id: string }).id);
  }
  const ids = await eventually(async () => {
    const { body } = await main.call("GET", `/api/inbox?status=all&limit=1000&event_type=${type}`);
    const stored = (body as { events: { id: string }[] }).events.map(({ id }) => id);
    expectEqual("the stored events", stored.toSorted(), sent.toSorted());
    return stored;
  });
  const post = (verb: string, body: Record<string, unknown>) => main.call("POST", `/api/inbox/${verb}`, body);
  return {
    ...{ main, type, ids, post },
    async lease(body = {}) {
      const answer = await post("lease", { event_types: [type], ...body });
      expectAnswer(answer, 200);
      return answer.body as Lease;
    },
  };
}

/** Of a lease, or of an answer's body. */
export const idsOf = (body: unknown): string[] =>
  (body as { events: { id: string }[] }).events.map(({ id }) => id);
