import { type IncomingHttpHeaders, request } from "node:http";

export interface StreamedEvent {
  /** The cursor behind it. */
  cursor: string;
  name: string;
  /** The `data:` lines, joined as browsers do. */
  data: string;
  receivedAt: number;
}

export interface EventStream {
  status: number;
  headers: IncomingHttpHeaders;
  /** All that came, in order. */
  events: StreamedEvent[];
  /** What a browser would send as `Last-Event-ID`. */
  lastEventId(): string;
  comments(): number;
  text(): string;
  /** Resolves as soon as so many events have come. */
  waitFor(count: number): Promise<StreamedEvent[]>;
  /** Whether the server ended it ("end"), or it was cut. */
  ended: Promise<"end" | "cut">;
  /** Reads nothing any more until it is resumed. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Reads server-sent events as a browser would (HTML Standard, section 9.2.6); resolves with the answer's head. */
export function openEventStream(
  url: string,
  headers: Record<string, string> = {},
  onEvent: (event: StreamedEvent) => void = () => undefined,
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const client = request(url, { headers, agent: false });
    client.on("error", reject);
    client.on("response", (res) => {
      const events: StreamedEvent[] = [];
      const checks = new Set<() => void>();
      let [text, rest, lastEventId, comments] = ["", "", "", 0];
      const takeBlock = (block: string) => {
        let [name, data] = ["message", undefined as string | undefined];
        for (const line of block.split("\n")) {
          const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
          if (field === "") comments += 1;
          else if (field === "id") lastEventId = value;
          else if (field === "event") name = value;
          else if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
        }
        if (data === undefined) return;
        const event = { cursor: lastEventId, name, data, receivedAt: performance.now() };
        events.push(event);
        onEvent(event);
      };
      res.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        blocks.forEach(takeBlock);
        for (const check of checks) check();
      });
      const ended = new Promise<"end" | "cut">((over) => {
        res.on("end", () => over("end"));
        res.on("close", () => over("cut"));
        res.on("error", () => over("cut"));
      });
      client.removeListener("error", reject).on("error", () => undefined);
      resolve({
        ...{ status: res.statusCode ?? 0, headers: res.headers, events, ended },
        lastEventId: () => lastEventId,
        comments: () => comments,
        text: () => text,
        waitFor: (count) =>
          new Promise((found) => {
            const check = () => {
              if (events.length < count) return;
              checks.delete(check);
              found(events);
            };
            checks.add(check);
            check();
          }),
        pause: () => void res.pause(),
        resume: () => void res.resume(),
        close: () => void client.destroy(),
      });
    });
    client.end();
  });
}
