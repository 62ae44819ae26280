import type { LogFields, Logger } from "./logger.ts";

/** Logs the first of a burst and, at most every `everyMs`, how many came since: an outage must not fill the disk. */
export function createThrottledLog(
  logger: Logger,
  level: "error" | "warn",
  message: string,
  everyMs = 5_000,
): (fields: LogFields) => void {
  let quietUntil = 0;
  let suppressed = 0;
  return (fields) => {
    const now = performance.now();
    if (now < quietUntil) {
      suppressed += 1;
      return;
    }
    logger[level](message, suppressed > 0 ? { ...fields, suppressed } : fields);
    suppressed = 0;
    quietUntil = now + everyMs;
  };
}
