const MAX_MS = 24 * 60 * 60 * 1000;

/**
 * The wait in milliseconds, 0 to 24 h, that a `Retry-After` header asks for (RFC 9110, 10.2.3: seconds or an HTTP date);
 * undefined when it is absent or neither.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  const value = header?.trim() ?? "";
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, MAX_MS);
  // Date.parse reads nearly anything, "-5" and "1.5" included; every HTTP date begins with a day's name.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return undefined;
  // The asctime form names no zone and means UTC.
  const atMs = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(atMs) ? undefined : Math.min(Math.max(atMs - nowMs, 0), MAX_MS);
}
