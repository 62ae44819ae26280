import { openConnection, type Target } from "./http-connection.ts";

export interface Load {
  target: Target;
  connections: number;
  requests: number;
  bodyOf: (request: number) => string;
  /** For a target whose headers have no key. */
  apiKeyOf?: (request: number) => string | undefined;
  /** The statuses that mean accepted; 202 where it is missing. */
  accepts?: readonly number[];
  /** Takes an answer of another status; without it such an answer ends the benchmark. */
  onRefused?: (status: number) => void;
}

export interface LoadResult {
  elapsedMs: number;
  /** Sorted, one per request. */
  latenciesMs: Float64Array;
}

/**
 * A closed loop: each connection sends its next request when the last one was answered, until all have been sent. An
 * answer other than 202 ends the benchmark, unless the caller takes it.
 */
export async function sendLoad({
  target,
  connections,
  requests,
  bodyOf,
  apiKeyOf,
  accepts = [202],
  onRefused,
}: Load): Promise<LoadResult> {
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
        const status = await connection.post(body, apiKeyOf?.(request));
        latenciesMs[request] = performance.now() - sentAt;
        if (accepts.includes(status)) continue;
        if (onRefused === undefined)
          throw new Error(
            `Request ${request} was answered with ${status}, not with ${accepts.join(" or ")}.`,
          );
        onRefused(status);
      }
    }),
  );
  const elapsedMs = performance.now() - startedAt;
  for (const connection of open) connection.close();
  return { elapsedMs, latenciesMs: latenciesMs.sort() };
}
