import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectHeader, expectProblem, expectTrue } from "../../expect.ts";
import { list, oneOf, text, timestamp, uuidV7 } from "../../shape.ts";

const path = "/api/events";

export const acceptanceChecks = [
  check("202: {id, event_id, type, status: accepted, created_at, message} and Location", async (world) => {
    const main = await world.organization("main");
    const answer = await main.publish({ type: "order.paid" });
    const { id } = answer.body as { id: string };
    expectAnswer(answer, 202, {
      ...{ id: uuidV7, event_id: id, type: "order.paid", status: "accepted" },
      ...{ created_at: timestamp, message: text },
    });
    expectEqual("Location", expectHeader(answer, "Location", /./), `/api/events/${id}`);
    expectAnswer(await main.call("GET", `/api/events/${id}`), 200, { id });
  }),
  check(
    "409: dedup_id seen in the window: id and event_id of the first event, duplicate: true",
    async (world) => {
      const main = await world.organization("main");
      const dedup_id = randomUUID();
      const { id } = (await main.publish({ dedup_id })).body as { id: string };
      const answer = await main.call("POST", path, { type: "other.type", payload: { b: 2 }, dedup_id });
      expectProblem(answer, 409, "duplicate_event", { id, event_id: id, duplicate: true });
    },
  ),
  check("with ?on_duplicate=accept a 202 with the same fields instead", async (world) => {
    const main = await world.organization("main");
    const event = { type: "a", payload: {}, dedup_id: randomUUID() };
    const { id } = (await main.publish(event)).body as { id: string };
    const answer = await main.call("POST", `${path}?on_duplicate=accept`, event);
    expectAnswer(answer, 202, { id, event_id: id, duplicate: true });
    expectProblem(await main.call("POST", `${path}?on_duplicate=maybe`, event), 400);
  }),
  check("exactly one event per dedup_id, also of 50 requests at once", async (world) => {
    const main = await world.organization("main");
    const event = { type: "a", payload: {}, dedup_id: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 50 }, () => main.call("POST", path, event)));
    const ids = new Set(answers.map(({ body }) => (body as { id: string }).id));
    expectEqual("the number of 202s", answers.filter(({ status }) => status === 202).length, 1);
    expectEqual("the number of 409s", answers.filter(({ status }) => status === 409).length, 49);
    expectEqual("the number of ids", ids.size, 1);
  }),
  check("ten posts in a loop are ten events", async (world) => {
    const main = await world.organization("main");
    const ids = new Set<string>();
    for (let number = 0; number < 10; number += 1) {
      ids.add(((await main.publish({ payload: { number } })).body as { id: string }).id);
    }
    expectEqual("the number of ids", ids.size, 10);
  }),
  check("id is the id in the inbox and in GET /api/events/:id", async (world) => {
    const main = await world.organization("main");
    const subscriber = randomUUID();
    const { id } = (await main.publish({ subscriber })).body as { id: string };
    expectAnswer(await main.call("GET", `${path}/${id}`), 200, { id });
    await eventually(async () => {
      const { body } = await main.call("GET", `/api/inbox?subscriber=${subscriber}`);
      expectEqual(
        "the ids",
        (body as { events: { id: string }[] }).events.map((event) => event.id),
        [id],
      );
    });
  }),
  check(
    "GET /api/events/:id: an accepted event that is not yet persisted is 200 with status accepted, never 404",
    async (world) => {
      const main = await world.organization("main");
      for (let round = 0; round < 20; round += 1) {
        const { id } = (await main.publish()).body as { id: string };
        const shown = await main.call("GET", `${path}/${id}`);
        expectAnswer(shown, 200, { id, status: oneOf("accepted", "pending"), deliveries: list });
      }
    },
  ),
  check(
    "GET /api/events/:id: the event with its states, its deliveries and their attempts",
    async (world) => {
      const main = await world.organization("main");
      const { id } = (await main.publish({ type: "a.shown", metadata: { a: "b" } })).body as { id: string };
      await eventually(async () =>
        expectAnswer(await main.call("GET", `${path}/${id}`), 200, {
          ...{ id, type: "a.shown", payload: { a: 1 }, metadata: { a: "b" }, created_at: timestamp },
          ...{ status: "pending", inbox_status: "available", delivery_status: "none", deliveries: list },
        }),
      );
      expectProblem(await main.call("GET", `${path}/0198a000-0000-7000-8000-000000000000`), 404, "not_found");
      const noUuid = await main.call("GET", `${path}/no-uuid`);
      expectTrue("400 or 404 for what is no id", [400, 404].includes(noUuid.status), noUuid.text);
    },
  ),
];
