import { check } from "../../check.ts";
import type { EventStream } from "../../event-stream.ts";
import { expectAnswer, expectEqual, expectProblem, expectShape, expectTrue } from "../../expect.ts";
import { NotApplicable } from "../../not-applicable.ts";
import { matching } from "../../shape.ts";
import type { Organization } from "../../world.ts";
import { eventually } from "../../eventually.ts";
import { idsOf, storeEvents } from "./store-events.ts";

const path = "/api/inbox/stream";

async function withStream(
  organization: Organization,
  query: string,
  run: (stream: EventStream) => Promise<void>,
  headers: Record<string, string> = {},
): Promise<void> {
  const stream = await organization.openStream(`${path}?${query}`, headers);
  try {
    expectEqual("the status", stream.status, 200);
    expectShape(stream.contentType, matching(/^text\/event-stream\b/), "content-type");
    await run(stream);
  } finally {
    stream.close();
  }
}

const streamed = async (stream: EventStream, count: number) =>
  (await stream.waitFor(count)).map(({ data }) => (data as { id: string }).id);

export const inboxStreamChecks = [
  check("GET /api/inbox/stream?from=start: every event in order, whatever its status", async (world) => {
    const { main, type, ids } = await storeEvents(world, 3);
    expectAnswer(await main.call("POST", `/api/inbox/ack/${ids[1] ?? ""}`), 200);
    for (const from of ["from=start&", ""]) {
      await withStream(main, `${from}event_type=${type}`, async (stream) => {
        expectEqual("the events", await streamed(stream, 3), ids);
        const states = stream.messages.map(({ data }) => (data as { status: string }).status);
        expectEqual("their status", states, ["pending", "acknowledged", "pending"]);
      });
    }
  }),
  check("data: the event, as the list shows it", async (world) => {
    const { main, type } = await storeEvents(world);
    const { body } = await main.call("GET", `/api/inbox?event_type=${type}`);
    await withStream(main, `event_type=${type}`, async (stream) => {
      const [message] = await stream.waitFor(1);
      expectEqual("the event", message?.data, (body as { events: unknown[] }).events[0]);
    });
  }),
  check("events to come are streamed, each once and in the list's order", async (world) => {
    const { main, type } = await storeEvents(world, 2);
    await withStream(main, `event_type=${type}`, async (stream) => {
      await stream.waitFor(2);
      const publishing = Array.from({ length: 20 }, () => main.publish({ type }));
      await Promise.all(publishing);
      const found = await streamed(stream, 22);
      const list = await main.call("GET", `/api/inbox?event_type=${type}`);
      expectEqual("the streamed events", found, idsOf(list.body));
    });
  }),
  check("from=now: only what comes from now on", async (world) => {
    const { main, type } = await storeEvents(world, 2);
    await withStream(main, `from=now&event_type=${type}`, async (stream) => {
      // Its first block says from where on.
      await eventually(async () => {
        await Promise.resolve();
        expectTrue("an id:", stream.lastId() !== "", stream.lastId());
      });
      const { id } = (await main.publish({ type })).body as { id: string };
      expectEqual("the events", await streamed(stream, 1), [id]);
    });
  }),
  check("from=<cursor>: goes on from a list's end_cursor, and a list from an id:", async (world) => {
    const { main, type, ids } = await storeEvents(world, 3);
    const page = await main.call("GET", `/api/inbox?event_type=${type}&limit=1`);
    const { end_cursor } = page.body as { end_cursor: string };
    const query = `from=${encodeURIComponent(end_cursor)}&event_type=${type}`;
    await withStream(main, query, async (stream) => {
      expectEqual("the events behind the first", await streamed(stream, 2), ids.slice(1));
      const cursor = encodeURIComponent(stream.messages[0]?.id ?? "");
      const list = await main.call("GET", `/api/inbox?event_type=${type}&cursor=${cursor}`);
      expectEqual("the list behind the second", idsOf(list.body), ids.slice(2));
    });
  }),
  check("Last-Event-ID resumes without a gap, and goes before from", async (world) => {
    const { main, type, ids } = await storeEvents(world, 3);
    let last = "";
    await withStream(main, `event_type=${type}`, async (stream) => {
      await stream.waitFor(3);
      last = stream.messages[0]?.id ?? "";
    });
    const missed = ((await main.publish({ type })).body as { id: string }).id;
    const resume = async (stream: EventStream) =>
      expectEqual("the events", await streamed(stream, 3), [...ids.slice(1), missed]);
    await withStream(main, `event_type=${type}`, resume, { "last-event-id": last });
    await withStream(main, `from=now&event_type=${type}`, resume, { "last-event-id": last });
  }),
  check("a stream that is cut resumes at each event: every id: is a cursor", async (world) => {
    const { main, type, ids } = await storeEvents(world, 4);
    const found: string[] = [];
    let headers: Record<string, string> = {};
    while (found.length < ids.length) {
      await withStream(
        main,
        `event_type=${type}`,
        async (stream) => {
          const [message] = await stream.waitFor(1);
          found.push((message?.data as { id: string }).id);
          headers = { "last-event-id": message?.id ?? "" };
        },
        headers,
      );
    }
    expectEqual("the events of all streams", found, ids);
  }),
  check("another organization's events are in no stream; unknown queries are a 400", async (world) => {
    const { type } = await storeEvents(world);
    const other = await world.organization("other");
    await withStream(other, `event_type=${type}`, async (stream) => {
      const { id } = (await other.publish({ type })).body as { id: string };
      expectEqual("the events", await streamed(stream, 1), [id]);
    });
    expectProblem(await other.call("GET", `${path}?from=%00`), 400);
    expectProblem(await other.call("GET", `${path}?from=nowhere`), 400, "invalid_request");
    expectProblem(await other.call("GET", `${path}?status=pending`), 400, "unknown_field");
  }),
  check("a comment every 15 s", async (world) => {
    if (!world.isSlow) throw new NotApplicable("takes 40 s: run with --slow");
    const main = await world.organization("main");
    await withStream(main, "from=now", async (stream) => {
      await eventually(async () => {
        await Promise.resolve();
        expectTrue("two comments", stream.commentsAt.length >= 2, stream.commentsAt);
      }, 50_000);
      const [first = 0, second = 0] = stream.commentsAt;
      expectTrue("15 s between them", Math.abs(second - first - 15_000) < 3_000, second - first);
    });
  }),
];
