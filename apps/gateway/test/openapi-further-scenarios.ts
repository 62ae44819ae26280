import { createEventId } from "@triggers/domain";
import { type ApiAnswer, eventually } from "@triggers/testing";
import { event } from "./openapi-examples.ts";
import type { Scenario, World } from "./openapi-world.ts";

/** Answers that look different from the first one of the same status: operation, status, how to get one. */
export const furtherScenarios: [string, number, Scenario][] = [
  [
    "publishEvent",
    202,
    async ({ client }) => {
      const repeated = { ...event, dedup_id: "again" };
      await client.publish(repeated);
      return client.request("POST", "/api/events?on_duplicate=accept", repeated);
    },
  ],
  ["publishEvent", 202, ({ client }) => client.request("POST", "/api/events", cloudEvent(), structured)],
  [
    "publishEvent",
    202,
    ({ client }) =>
      client.request("POST", "/api/events", [cloudEvent(), {}], {
        "content-type": "application/cloudevents-batch+json",
      }),
  ],
  [
    "publishBatch",
    202,
    ({ client }) => {
      const repeated = { ...event, dedup_id: "in a batch" };
      const events = [{ ...event, unheard_of: 1 }, repeated, repeated, { type: ".", payload: {} }];
      return client.request("POST", "/api/events/batch", { events });
    },
  ],
  [
    "getEvent",
    200,
    async ({ client }) => {
      const { body } = await client.request("POST", "/api/events", cloudEvent(), structured);
      return client.request("GET", `/api/events/${body.id}`);
    },
  ],
  [
    "getEvent",
    200,
    async ({ client }) => {
      const { body } = await client.publish(event);
      await client.request("DELETE", `/api/events/${body.id}`);
      return client.request("GET", `/api/events/${body.id}`);
    },
  ],
  ["listEvents", 200, async (world) => listStored(world, "/api/events?limit=2")],
  ["listEvents", 200, async (world) => listStored(world, "/api/events?metadata[a]=b")],
  ["listInbox", 200, async (world) => listStored(world, "/api/inbox?limit=2")],
  ["listInbox", 200, async (world) => listStored(world, "/api/inbox?wait_seconds=1&event_type=none")],
];

const structured = { "content-type": "application/cloudevents+json" };
const cloudEvent = () => ({
  ...{ specversion: "1.0", id: createEventId(Date.now()), source: "/openapi", type: "a.b" },
  ...{ datacontenttype: "application/json", data: { a: 1 }, extension: "c" },
});

/** A list of an organization's events, when the worker has stored them. */
async function listStored({ createClient }: World, path: string): Promise<ApiAnswer> {
  const client = await createClient();
  await client.publish({ ...event, metadata: { a: "b" } });
  await client.request("POST", "/api/events", cloudEvent(), structured);
  await eventually(async () => {
    const { body } = await client.request("GET", "/api/events");
    if (body.events.length < 2) throw new Error("they are not stored yet");
  });
  return client.request("GET", path);
}
