import { nowMs } from "./clock.ts";
import { type HttpConnection, openConnection, type Target } from "./http-connection.ts";

export interface OpenLoad {
  target: Target;
  perSecond: number;
  seconds: number;
  /** How many requests may be open at once. */
  connections: number;
  bodyOf: (request: number) => string;
}

export interface OpenLoadResult {
  /** Of `nowMs`; request n is due `n / perSecond` seconds later. */
  startedAt: number;
  /** From when a request was due, not from when it was sent: waiting for a slow server counts. By request. */
  latenciesMs: Float64Array;
  accepted: number;
  /** Requests that found no free connection until five seconds after the end. */
  dropped: number;
}

const patienceMs = 5_000;

/** An open loop: requests are due at a constant rate, whatever the server does. An answer other than 202 throws. */
export async function sendOpenLoop(load: OpenLoad): Promise<OpenLoadResult> {
  const { perSecond, seconds, bodyOf } = load;
  const idle = await Promise.all(Array.from({ length: load.connections }, () => openConnection(load.target)));
  const all = [...idle];
  const total = Math.round(perSecond * seconds);
  const latenciesMs = new Float64Array(total);
  const startedAt = nowMs() + 5;
  let next = 0;
  let answered = 0;

  await new Promise<void>((resolve, reject) => {
    const timer = setInterval(() => pump(), 1);
    const end = (error?: Error) => {
      clearInterval(timer);
      if (error) reject(error);
      else resolve();
    };
    const pump = () => {
      const now = nowMs();
      const isOver = now > startedAt + seconds * 1_000 + patienceMs;
      while (!isOver && next < total && startedAt + (next * 1_000) / perSecond <= now) {
        // The one that has been idle for longest: a server closes those that are idle for too long.
        const connection = idle.shift();
        if (connection === undefined) break;
        send(next++, connection);
      }
      if (answered === next && (isOver || next === total)) end();
    };
    const send = (request: number, connection: HttpConnection) => {
      connection.post(bodyOf(request)).then((status) => {
        latenciesMs[request] = nowMs() - startedAt - (request * 1_000) / perSecond;
        answered += 1;
        if (status !== 202) end(new Error(`Request ${request} was answered with ${status}, not with 202.`));
        idle.push(connection);
        pump();
      }, end);
    };
  });
  for (const connection of all) connection.close();
  return { startedAt, latenciesMs: latenciesMs.subarray(0, next), accepted: next, dropped: total - next };
}
