import type { Response } from "express";

/** Aborts when the answer is over: sent, or its client gone. */
export function signalOfDeparture(res: Response): AbortSignal {
  const departure = new AbortController();
  if (res.destroyed || res.closed) departure.abort();
  else res.once("close", () => departure.abort());
  return departure.signal;
}
