// Nothing of k6 in here, so that it can be tested without it.

/** Some arrivals fall beyond a step's end. */
const enough = 0.99;

/**
 * The highest rate up to which every step was accepted in time.
 * @param {{rate: number, expected: number, accepted: number, p99Ms?: number}[]} steps in rising order
 * @param {number} limitMs the 99th percentile that still counts as in time
 */
export function findKnee(steps, limitMs) {
  const isGood = ({ expected, accepted, p99Ms }) =>
    accepted >= enough * expected && p99Ms !== undefined && p99Ms <= limitMs;
  const firstBad = steps.findIndex((step) => !isGood(step));
  const good = firstBad === -1 ? steps : steps.slice(0, firstBad);
  const knee = good.length === 0 ? undefined : good[good.length - 1].rate;
  const lines = steps.map(({ rate, expected, accepted, p99Ms }, i) => {
    const share = ((100 * accepted) / expected).toFixed(1);
    const p99 = p99Ms === undefined ? "no answer" : `p99 ${p99Ms.toFixed(1)} ms`;
    return `${i < good.length ? "✓" : "✗"} ${rate}/s: ${share} % accepted, ${p99}`;
  });
  return {
    lines: [...lines, conclusion(knee, firstBad, limitMs)],
    facts: { knee_per_second: knee ?? null, steps },
  };
}

function conclusion(knee, firstBad, limitMs) {
  if (knee === undefined) return `The knee lies below the first step (p99 <= ${limitMs} ms).`;
  return firstBad === -1
    ? `No knee up to ${knee}/s (p99 <= ${limitMs} ms): raise RATE_TO.`
    : `The knee: ${knee}/s (p99 <= ${limitMs} ms).`;
}
