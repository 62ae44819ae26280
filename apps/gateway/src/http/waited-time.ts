import type { Response } from "express";

/** How long a request has waited for something to happen, in ms: no sign of slowness, so logs and metrics leave it out. */
export function waitedMsOf(res: Response): number {
  return (res.locals as { waitedMs?: number }).waitedMs ?? 0;
}

export function addWaitedMs(res: Response, ms: number): void {
  (res.locals as { waitedMs?: number }).waitedMs = waitedMsOf(res) + ms;
}
