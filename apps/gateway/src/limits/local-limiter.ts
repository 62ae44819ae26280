import { LRUCache } from "lru-cache";
import type { Grant } from "./limiter.ts";

export interface LocalLimiter {
  take(owner: string, limit: number): Exclude<Grant, { outcome: "unknown" }>;
}

/** A fixed window that this process counts alone: what stands in for the shared one while Redis is away. */
export function createLocalLimiter(windowMs: number): LocalLimiter {
  const windows = new LRUCache<string, { used: number; endsAt: number }>({ max: 50_000 });
  return {
    take(owner, limit) {
      const now = performance.now();
      let window = windows.get(owner);
      if (!window || now >= window.endsAt) {
        window = { used: 0, endsAt: now + windowMs };
        windows.set(owner, window);
      }
      const isGranted = window.used < limit;
      if (isGranted) window.used += 1;
      return {
        outcome: isGranted ? "granted" : "refused",
        limit,
        remaining: Math.max(0, limit - window.used),
        resetSeconds: Math.max(1, Math.ceil((window.endsAt - now) / 1_000)),
        epoch: undefined,
      };
    },
  };
}
