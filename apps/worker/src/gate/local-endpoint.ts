/** A place among those in flight, as Redis knows it. A process may use it for several requests, one after another. */
export interface Slot {
  token: string;
  /** When Redis gave it. */
  since: number;
  /** One of its requests has succeeded, which Redis does not know yet. */
  hasSucceeded: boolean;
}

/** What somebody in line gets: a slot, the right to ask Redis for one, or nothing. */
export type Turn = Slot | "may ask" | "refused";

/** What one process knows of an endpoint: its own requests, who waits in line for them, and since when nothing moves. */
export interface LocalEndpoint {
  /** Requests in flight and those about to be. */
  busy: number;
  waiting: ((turn: Turn) => void)[];
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
export function waitForTurn(local: LocalEndpoint, maxMs: number): Promise<Turn> {
  return new Promise((resolve) => {
    const take = (turn: Turn) => {
      clearTimeout(late);
      resolve(turn);
    };
    const late = setTimeout(() => {
      local.waiting.splice(local.waiting.indexOf(take), 1);
      resolve("refused");
    }, maxMs);
    local.waiting.push(take);
  });
}

/** Gives the next in line its turn. */
export function handOver(local: LocalEndpoint, turn: Slot | "may ask"): void {
  const next = local.waiting.shift();
  if (next) next(turn);
  else local.busy -= 1;
}

/** Sends all away that wait in line. */
export function closeLocally(local: LocalEndpoint, until: number, isByBreaker: boolean): void {
  local.closedUntil = until;
  local.isClosedByBreaker = isByBreaker;
  for (const refuse of local.waiting.splice(0)) refuse("refused");
}
