import { setTimeout as pause } from "node:timers/promises";
import { type ApiClient, callApi, openEventStream } from "@triggers/testing";

/** Somebody who reads an organization's events and never stops by himself. */
export interface Reader {
  name: string;
  /** Whether events must come to it in the order of the feed. */
  isOrdered: boolean;
  /** The ids in the order in which they came, repeats too. */
  seen: string[];
  stop(): Promise<void>;
}

export interface ReaderContext {
  client: ApiClient;
  /** The gateways to choose from, anew at each connection. */
  urls: string[];
  /** From 0 to 1; seeded, so that a run can be repeated. */
  random: () => number;
}

interface Page {
  events: { id: string }[];
  end_cursor: string;
}

/** Follows `end_cursor`, page after page of any size. */
export const startListReader = (context: ReaderContext): Reader =>
  startPageReader("list", context, async (url, query, headers) => {
    const answer = await callApi(url, "GET", `/api/inbox?${query}`, undefined, headers);
    return answer.status === 200 ? (answer.body as Page) : undefined;
  });

/** Waits for each page, and hangs up on many of them in the middle. */
export const startLongPollReader = (context: ReaderContext): Reader =>
  startPageReader("long-poll", context, async (url, query, headers) => {
    const patienceMs = context.random() < 0.5 ? 30_000 : context.random() * 300;
    const answer = await fetch(`${url}/api/inbox?wait_seconds=3&${query}`, {
      headers,
      signal: AbortSignal.timeout(patienceMs),
    });
    return answer.ok ? ((await answer.json()) as Page) : undefined;
  });

type ReadPage = (url: string, query: string, headers: Record<string, string>) => Promise<Page | undefined>;

function startPageReader(name: string, { client, urls, random }: ReaderContext, readPage: ReadPage): Reader {
  const seen: string[] = [];
  let cursor = "";
  const stopped = new AbortController();
  const reading = (async () => {
    while (!stopped.signal.aborted) {
      const limit = 1 + Math.floor(random() * 60);
      const query = `status=all&limit=${limit}${cursor && `&cursor=${cursor}`}`;
      const url = urls[Math.floor(random() * urls.length)] ?? "";
      const page = await readPage(url, query, { "x-api-key": client.apiKey }).catch(() => undefined);
      seen.push(...(page?.events ?? []).map(({ id }) => id));
      cursor = page?.end_cursor ?? cursor;
      // Others want to use the machine, too.
      await pause(5);
    }
  })();
  return {
    ...{ name, seen, isOrdered: true },
    async stop() {
      stopped.abort();
      await reading;
    },
  };
}

/** Reads a stream and hangs up at random moments, to go on with the last id that it got. */
export function startStreamReader({ client, urls, random }: ReaderContext): Reader {
  const seen: string[] = [];
  const stopped = new AbortController();
  const reading = (async () => {
    let lastEventId = "";
    while (!stopped.signal.aborted) {
      const leavesAfterMs = random() * 1_500;
      const leavesAtEvent = seen.length + 1 + Math.floor(random() * 400);
      const url = urls[Math.floor(random() * urls.length)] ?? "";
      const left = Promise.withResolvers<undefined>();
      const stream = await openEventStream(
        `${url}/api/inbox/stream`,
        { "x-api-key": client.apiKey, "last-event-id": lastEventId },
        ({ data, cursor }) => {
          if (seen.length >= leavesAtEvent) {
            left.resolve(undefined);
            return;
          }
          seen.push((JSON.parse(data) as { id: string }).id);
          lastEventId = cursor;
        },
      ).catch(() => undefined);
      await Promise.race([left.promise, stream?.ended, pause(leavesAfterMs)]);
      // Whatever still comes on the old connection is no longer read.
      left.resolve(undefined);
      stream?.close();
      await stream?.ended;
    }
  })();
  return {
    ...{ name: "stream", seen, isOrdered: true },
    async stop() {
      stopped.abort();
      await reading;
    },
  };
}

/** Leases, waits when there is nothing, and acknowledges what it got. */
export function startLeasingReader({ client, urls, random }: ReaderContext): Reader {
  const seen: string[] = [];
  const stopped = new AbortController();
  const post = (path: string, body: unknown) => {
    const url = urls[Math.floor(random() * urls.length)] ?? "";
    return callApi(url, "POST", `/api/inbox/${path}`, body, { "x-api-key": client.apiKey });
  };
  const reading = (async () => {
    while (!stopped.signal.aborted) {
      const limit = 1 + Math.floor(random() * 60);
      const { body } = await post("lease", { limit, wait_seconds: 2 });
      const { lease_id, events } = body as { lease_id: string | null; events: { id: string }[] };
      seen.push(...events.map(({ id }) => id));
      if (lease_id !== null) await post("ack", { lease_id });
    }
  })();
  return {
    ...{ name: "lease", seen, isOrdered: false },
    async stop() {
      stopped.abort();
      await reading;
    },
  };
}
