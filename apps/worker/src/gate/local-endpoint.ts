import { setTimeout as pause } from "node:timers/promises";

/** What one process knows of an endpoint: its own requests, who waits in line for them, and since when nothing moves. */
export interface LocalEndpoint {
  /** Requests in flight and those about to be. */
  busy: number;
  waiting: ((hasTurn: boolean) => void)[];
  /** When requests of this process began, by token. */
  flying: Map<string, number>;
  /** Nobody needs to ask before. */
  closedUntil: number;
  isClosedByBreaker: boolean;
  averageMs: number;
  /** When the last one ended, or the first of those in flight began. */
  movedAt: number;
}

export function createLocalEndpoint(now: number): LocalEndpoint {
  return {
    ...{ busy: 0, waiting: [], flying: new Map(), closedUntil: 0, isClosedByBreaker: false },
    ...{ averageMs: 0, movedAt: now },
  };
}

/** Waits in line for a request of this process to end; its slot is handed over, so nobody gets in between. */
export async function waitForTurn(local: LocalEndpoint, maxMs: number): Promise<boolean> {
  const turn = Promise.withResolvers<boolean>();
  const over = new AbortController();
  local.waiting.push(turn.resolve);
  const late = pause(maxMs, undefined, { signal: over.signal }).then(
    () => {
      const place = local.waiting.indexOf(turn.resolve);
      if (place !== -1) {
        local.waiting.splice(place, 1);
        turn.resolve(false);
      }
    },
    () => undefined,
  );
  const hasTurn = await turn.promise;
  over.abort();
  await late;
  return hasTurn;
}

/** Gives a slot to the next in line, or back. */
export function handOver(local: LocalEndpoint): void {
  const next = local.waiting.shift();
  if (next) next(true);
  else local.busy -= 1;
}

/** Sends all away that wait in line. */
export function closeLocally(local: LocalEndpoint, until: number, isByBreaker: boolean): void {
  local.closedUntil = until;
  local.isClosedByBreaker = isByBreaker;
  for (const refuse of local.waiting.splice(0)) refuse(false);
}
