/**
 * A scenario in which iterations begin at a constant rate, whatever the server does (an open model): a slow server
 * cannot slow the load down and so look better than it is.
 * @param {number} perSecond may be a fraction
 * @param {number} seconds
 * @param {{startSeconds?: number, exec?: string}} [options]
 */
export function constantArrival(perSecond, seconds, { startSeconds = 0, exec = "default" } = {}) {
  const isWhole = Number.isInteger(perSecond);
  return {
    executor: "constant-arrival-rate",
    rate: isWhole ? perSecond : Math.max(1, Math.round(perSecond * 60)),
    timeUnit: isWhole ? "1s" : "1m",
    duration: `${seconds}s`,
    startTime: `${startSeconds}s`,
    gracefulStop: "5s",
    // Enough for answers of 100 ms: making one in the middle of the test would drop arrivals.
    preAllocatedVUs: Math.min(300, Math.ceil(perSecond / 10) + 20),
    maxVUs: Math.min(1_000, Math.ceil(perSecond) + 50),
    exec,
  };
}
