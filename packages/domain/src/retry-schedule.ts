const seconds = 1;
const minutes = 60;
const hours = 3600;

/** Seconds before each attempt, counted from the one before it: ten attempts over about three days. */
export const defaultRetrySchedule: readonly number[] = [
  0,
  5 * seconds,
  5 * minutes,
  30 * minutes,
  2 * hours,
  5 * hours,
  10 * hours,
  14 * hours,
  20 * hours,
  24 * hours,
];

/** Bounds of a schedule of an endpoint's own. An endpoint that fails for five days is disabled anyway. */
export const retryScheduleLimits = {
  maxAttempts: 20,
  maxDelaySeconds: 24 * hours,
  maxTotalSeconds: 120 * hours,
};

/**
 * The schedule from the delays that somebody wrote down, in seconds. The first attempt is always made at once: a
 * leading 0 stands for it and may be left out, so that both "at once, 5 s" and "retry after 5 s" mean the same.
 */
export function completeRetrySchedule(delays: readonly number[]): number[] {
  return delays[0] === 0 ? [...delays] : [0, ...delays];
}

/**
 * Milliseconds to wait before the attempt of this step (0 is the first attempt), or undefined when the schedule is
 * over. Jitter of ±20 % spreads what failed together; `random` yields 0 (inclusive) to 1, like Math.random.
 */
export function delayOfStep(
  schedule: readonly number[],
  step: number,
  random: () => number,
): number | undefined {
  const delaySeconds = schedule[step];
  if (delaySeconds === undefined) return undefined;
  return Math.round(delaySeconds * 1000 * (0.8 + 0.4 * random()));
}
