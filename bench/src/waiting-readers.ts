import { setTimeout as pause } from "node:timers/promises";
import { connect, type Socket } from "node:net";

export interface WaitingReaders {
  count: number;
  /** Resolves, with when each of them got it, as soon as every reader has got one more event. */
  untilAllReceived(): Promise<Float64Array>;
  close(): void;
}

interface Target {
  url: string;
  apiKey: string;
}

/** Streams and long-polls on plain sockets that look only for what they count: they share two cores with the gateway. */
export async function openWaitingReaders(
  targets: readonly Target[],
  count: { streams: number; longPolls: number },
): Promise<WaitingReaders> {
  const total = count.streams + count.longPolls;
  const receivedAt = new Float64Array(total);
  let missing = total;
  let resolve: ((times: Float64Array) => void) | undefined;
  const received = (reader: number) => {
    if (receivedAt[reader] !== 0) throw new Error(`Reader ${reader} got an event twice.`);
    receivedAt[reader] = performance.now();
    missing -= 1;
    if (missing === 0) resolve?.(receivedAt.slice());
  };
  const sockets: Socket[] = [];
  for (let reader = 0; reader < total; reader++) {
    const target = targets[reader % targets.length];
    if (!target) throw new Error("There is nothing to read from.");
    const { hostname, port } = new URL(target.url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding("latin1");
    await new Promise<void>((opened, failed) => socket.once("connect", opened).once("error", failed));
    const ask = (path: string) =>
      void socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nx-api-key: ${target.apiKey}\r\n\r\n`);
    if (reader < count.streams) readStream(socket, ask, () => received(reader));
    else readPages(socket, ask, 10 + (reader % 11), () => received(reader));
    sockets.push(socket);
    // They come over seconds, as after a restart, not in one moment.
    await pause(3);
  }
  return {
    count: total,
    async untilAllReceived() {
      const times = await new Promise<Float64Array>((all) => {
        resolve = all;
        if (missing === 0) all(receivedAt.slice());
      });
      receivedAt.fill(0);
      missing = total;
      resolve = undefined;
      return times;
    },
    close: () => sockets.forEach((socket) => socket.destroy()),
  };
}

function readStream(socket: Socket, ask: (path: string) => void, onEvent: () => void) {
  socket.on("data", (text: string) => {
    if (!text.startsWith("HTTP/1.1 200") && text.startsWith("HTTP/")) throw new Error(text);
    for (let at = text.indexOf("event: message"); at !== -1; at = text.indexOf("event: message", at + 1))
      onEvent();
  });
  ask("/api/inbox/stream?from=now");
}

function readPages(socket: Socket, ask: (path: string) => void, waitSeconds: number, onEvent: () => void) {
  let text = "";
  const askAgain = (cursor: string) =>
    ask(`/api/inbox?wait_seconds=${waitSeconds}${cursor && `&cursor=${cursor}`}`);
  socket.on("data", (chunk: string) => {
    text += chunk;
    const cursor = /"end_cursor":"([^"]+)"\}$/.exec(text)?.[1];
    if (cursor === undefined) return;
    if (!text.startsWith("HTTP/1.1 200")) throw new Error(text);
    const hasEvent = text.includes('"count":1,');
    if (!hasEvent && !text.includes('"count":0,')) throw new Error(`A page of many: ${text}`);
    text = "";
    askAgain(cursor);
    if (hasEvent) onEvent();
  });
  askAgain("");
}
