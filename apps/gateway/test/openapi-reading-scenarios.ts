import { openEventStream } from "@triggers/testing";
import { type Scenario, call } from "./openapi-world.ts";

/** A stream never ends by itself: what came with its first event is its answer. */
const streamInbox: Scenario = async ({ gateway, client }) => {
  const stream = await openEventStream(`${gateway.url}/api/inbox/stream`, { "x-api-key": client.apiKey });
  stream.close();
  const headers = new Headers(
    Object.entries(stream.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
  return { status: stream.status, headers, text: stream.text(), body: undefined };
};

/** The budget is used up by lists first: streams would be opened and never end. */
const refusedStream: Scenario = async ({ strict, client }) => {
  const credentials = { "x-api-key": client.apiKey };
  for (let n = 0; n < 30; n++) {
    const { status } = await call(strict.url, "GET", "/api/inbox", undefined, credentials);
    if (status === 429) break;
  }
  return call(strict.url, "GET", "/api/inbox/stream", undefined, credentials);
};

export const readingScenarios: Record<string, Record<number, Scenario>> = {
  streamInbox: { 200: streamInbox, 429: refusedStream },
};
