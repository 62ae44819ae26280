/** The places where a crash would hurt most. */
export type FaultPoint =
  | "persist: in transaction"
  | "persist: committed"
  | "window: placed"
  | "window: enqueued"
  | "window: parked"
  | "refill: placed"
  | "refill: enqueued"
  | "deliver: claimed"
  | "deliver: entered"
  | "deliver: posted"
  | "deliver: recorded"
  | "replay: page committed"
  | "announce: queued";

/** Called at each of them. Tests pass one that kills the process; the shipped worker passes none. */
export type At = (point: FaultPoint) => void | Promise<void>;

export const nowhere: At = () => undefined;
