import { randomUUID } from "node:crypto";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual } from "../../expect.ts";
import type { Answer } from "../../http-call.ts";
import { NotApplicable } from "../../not-applicable.ts";
import type { ReceivedWebhook, Receiver } from "../../receiver.ts";
import type { Organization, World } from "../../world.ts";

export interface Attempt {
  number: number;
  trigger: string;
  started_at: string;
  duration_ms: number;
  response_status: number | null;
  error_code: string | null;
}

export interface Delivery {
  id: string;
  event_id: string;
  endpoint_id: string;
  status: string;
  attempts: Attempt[];
}

export interface WithEndpoint {
  main: Organization;
  receiver: Receiver;
  /** The answer that created it. */
  created: Record<string, unknown> & { id: string; signing_secret: string };
  /** A type that no other check uses. */
  type: string;
  /** A call under `/api/endpoints/:id`; "" is the endpoint itself. */
  call: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Publishes an event of the own type and answers its id. */
  publish: (event?: Record<string, unknown>) => Promise<string>;
  /** What the endpoint's one delivery of an event is, with its attempts, once its status is so. */
  delivery: (eventId: string, status: string) => Promise<Delivery>;
  /** Another endpoint, which ends with this one. */
  create: (fields: Record<string, unknown>) => Promise<WithEndpoint["created"]>;
}

/** Runs with an endpoint of its own that leads to a receiver of this suite, and takes it away again. */
export async function withEndpoint(
  world: World,
  fields: Record<string, unknown>,
  run: (one: WithEndpoint) => Promise<void>,
): Promise<void> {
  const main = await world.organization("main");
  const receiver = await world.startReceiver();
  const type = `conformance.${randomUUID()}`;
  const ids: string[] = [];
  const create: WithEndpoint["create"] = async (more) => {
    const answer = await main.call("POST", "/api/endpoints", { url: `${receiver.url}/first`, ...more });
    if (answer.body?.code === "webhook_url_refused") {
      throw new NotApplicable(
        `the server refuses ${receiver.url}: give --receiver-host, or allow it by WEBHOOK_ALLOWED_CIDRS`,
      );
    }
    expectAnswer(answer, 201);
    const created = answer.body as WithEndpoint["created"];
    ids.push(created.id);
    return created;
  };
  try {
    const created = await create({ event_types: [type], ...fields });
    await run({
      ...{ main, receiver, created, type, create },
      call: (method, path, body) => main.call(method, `/api/endpoints/${created.id}${path}`, body),
      publish: async (event) => ((await main.publish({ type, ...event })).body as { id: string }).id,
      delivery: (eventId, status) => deliveryOf(main, created.id, eventId, status),
    });
  } finally {
    for (const id of ids) await main.call("DELETE", `/api/endpoints/${id}`);
    await receiver.close();
  }
}

function deliveryOf(main: Organization, endpointId: string, eventId: string, status: string) {
  return eventually(async () => {
    const query = `endpoint_id=${endpointId}&event_id=${eventId}`;
    const { body } = await main.call("GET", `/api/deliveries?${query}`);
    const found = (body as { deliveries: Delivery[] }).deliveries;
    expectEqual(
      "the status of the event's deliveries",
      found.map((one) => one.status),
      [status],
    );
    return (await main.call("GET", `/api/deliveries/${found[0]?.id ?? ""}`)).body as Delivery;
  });
}

/** All webhooks of a type, as soon as there are so many. */
export function waitForType({ received }: Receiver, type: string, count: number): Promise<ReceivedWebhook[]> {
  return eventually(() => {
    const found = received.filter(({ headers }) => headers["x-event-type"] === type);
    expectEqual(`that ${count} webhooks of ${type} came`, found.length >= count, true);
    return Promise.resolve(found);
  });
}
