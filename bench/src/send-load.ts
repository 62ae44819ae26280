import { openConnection, type Target } from "./http-connection.ts";

export interface Load {
  target: Target;
  connections: number;
  requests: number;
  bodyOf: (request: number) => string;
}

export interface LoadResult {
  elapsedMs: number;
  /** Sorted, one per request. */
  latenciesMs: Float64Array;
}

/**
 * A closed loop: each connection sends its next request when the last one was answered, until all have been sent. An
 * answer other than 202 ends the benchmark.
 */
export async function sendLoad({ target, connections, requests, bodyOf }: Load): Promise<LoadResult> {
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(target)));
  const latenciesMs = new Float64Array(requests);
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    open.map(async (connection) => {
      while (next < requests) {
        const request = next++;
        const body = bodyOf(request);
        const sentAt = performance.now();
        const status = await connection.post(body);
        latenciesMs[request] = performance.now() - sentAt;
        if (status !== 202) throw new Error(`Request ${request} was answered with ${status}, not with 202.`);
      }
    }),
  );
  const elapsedMs = performance.now() - startedAt;
  for (const connection of open) connection.close();
  return { elapsedMs, latenciesMs: latenciesMs.sort() };
}
