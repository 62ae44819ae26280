import type { DueDelivery } from "@triggers/db";
import type { WindowKeys } from "./window-commands.ts";

/** A job that has a place in its endpoint's window, or had one. */
export interface PlacedJob extends WindowKeys {
  jobId: string;
  maxInFlight: number;
}

/** What a window is to hear: for how many milliseconds from now jobs keep their places, 0 for those that have ended. */
export interface PlaceChanges {
  keys: WindowKeys;
  maxInFlight: number;
  places: ReadonlyMap<string, number>;
}

export interface Places {
  /** A job is in this worker's hand: its place is kept while the worker lives, and is soon free when it does not. */
  take(job: PlacedJob): void;
  /** A job was added to its queue, and keeps its place for so long, unless this worker has it in hand or had it already. */
  keepQueued(job: PlacedJob, ttlMs: number): void;
  /** A job in this worker's hand goes back to its queue. */
  putBack(job: PlacedJob, ttlMs: number): void;
  /** A job is done with, whatever came of it: its place is free for the next. */
  end(job: PlacedJob): void;
  /** Tells what has gathered. */
  flush(): void;
  stop(): void;
}

/** How long changes gather before Redis hears of them: a call for each would cost more than the jobs' own. */
const gatherMs = 2;
/** How long a dead worker's jobs keep their places. */
export const inHandMs = 1_500;

export const windowOf = ({
  organizationId,
  endpointId,
  scheduleStep,
}: Pick<DueDelivery, "organizationId" | "endpointId" | "scheduleStep">): WindowKeys => ({
  organizationId,
  endpointId,
  parkedAs: scheduleStep === 0 ? "first" : "retry",
});

export const windowName = ({ endpointId, parkedAs }: Omit<WindowKeys, "organizationId">) =>
  `${endpointId} ${parkedAs}`;

/** Gathers what becomes of places and tells each window of all its changes at once. */
export function gatherPlaces(tell: (changes: PlaceChanges) => void): Places {
  let gathered = new Map<string, PlaceChanges & { places: Map<string, number> }>();
  let timer: NodeJS.Timeout | undefined;
  const inHand = new Map<string, { job: PlacedJob; since: number }>();

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const changes = gathered;
    gathered = new Map();
    for (const change of changes.values()) tell(change);
  }

  function change(job: PlacedJob, ttlMs: number): void {
    const { jobId, maxInFlight, ...keys } = job;
    const name = windowName(keys);
    const known = gathered.get(name);
    if (known) known.places.set(jobId, ttlMs);
    else gathered.set(name, { keys, maxInFlight, places: new Map([[jobId, ttlMs]]) });
    timer ??= setTimeout(flush, gatherMs);
  }

  const renewal = setInterval(() => {
    const now = performance.now();
    for (const { job, since } of inHand.values()) if (now - since >= inHandMs / 4) change(job, inHandMs);
  }, inHandMs / 4);

  return {
    take(job) {
      inHand.set(job.jobId, { job, since: performance.now() });
      change(job, inHandMs);
    },
    keepQueued(job, ttlMs) {
      const isKnown = gathered.get(windowName(job))?.places.has(job.jobId) ?? false;
      if (!isKnown && !inHand.has(job.jobId)) change(job, ttlMs);
    },
    putBack(job, ttlMs) {
      inHand.delete(job.jobId);
      change(job, ttlMs);
    },
    end(job) {
      inHand.delete(job.jobId);
      change(job, 0);
    },
    flush,
    stop() {
      clearInterval(renewal);
      flush();
    },
  };
}
