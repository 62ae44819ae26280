import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { eventually } from "./eventually.ts";
import { Mismatch } from "./mismatch.ts";

export interface StreamMessage {
  id: string;
  // Its shape is what a check is about to look at.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  data: any;
}

export interface EventStream {
  status: number;
  contentType: string;
  messages: StreamMessage[];
  /** When the comments came that carried nothing, in ms of `performance.now()`. */
  commentsAt: number[];
  /** The cursor that a client would send as Last-Event-ID now; empty before the first. */
  lastId(): string;
  /** All messages so far, as soon as there are so many. */
  waitFor(count: number): Promise<StreamMessage[]>;
  close(): void;
}

/** Server-sent events as the HTML standard has a client read them; fields that a check does not need are passed over. */
export function openEventStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const send = url.startsWith("https:") ? requestHttps : requestHttp;
  const messages: StreamMessage[] = [];
  const commentsAt: number[] = [];
  let [lastId, rest] = ["", ""];
  const readBlock = (block: string) => {
    const lines = block.split("\n").map((line) => /^([^:]*):? ?(.*)$/s.exec(line) ?? ["", "", ""]);
    const valuesOf = (name: string) => lines.flatMap(([, field, value]) => (field === name ? [value] : []));
    lastId = valuesOf("id").at(-1) ?? lastId;
    const data = valuesOf("data");
    if (data.length > 0) messages.push({ id: lastId, data: JSON.parse(data.join("\n")) as unknown });
    if (block.startsWith(":")) commentsAt.push(performance.now());
  };
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { headers: { accept: "text/event-stream", ...headers } }, (incoming) => {
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => {
        const blocks = (rest + chunk).replace(/\r\n?/g, "\n").split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) readBlock(block);
      });
      // A stream that breaks is seen by what does not come.
      incoming.on("error", () => undefined);
      resolve({
        ...{ status: incoming.statusCode ?? 0, contentType: incoming.headers["content-type"] ?? "" },
        ...{ messages, commentsAt, lastId: () => lastId, close: () => outgoing.destroy() },
        waitFor: (count) =>
          eventually(() =>
            messages.length >= count
              ? Promise.resolve(messages)
              : Promise.reject(new Mismatch(`${count} events in the stream`, String(messages.length))),
          ),
      });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
