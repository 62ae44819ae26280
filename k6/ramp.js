// Rising rates, to find the knee: the highest at which every event is accepted in time. RATE_FROM, RATE_TO (events/s),
// STEPS, STEP_DURATION, P99_MS. It fails only when not even the first step holds.
import { constantArrival } from "./lib/constant-arrival.js";
import { recorded, recordedCount } from "./lib/describe-summary.js";
import { findKnee } from "./lib/find-knee.js";
import { optionsWith } from "./lib/options.js";
import { publishOne } from "./lib/publish.js";
import { openSession } from "./lib/session.js";
import { numberFrom, secondsFrom } from "./lib/settings.js";
import { summaryOf } from "./lib/summary.js";

const from = numberFrom("RATE_FROM", 500);
const to = numberFrom("RATE_TO", 4_000);
const steps = Math.max(2, Math.round(numberFrom("STEPS", 8)));
const stepSeconds = secondsFrom("STEP_DURATION", "15s");
const p99Ms = numberFrom("P99_MS", 25);

const rates = Array.from({ length: steps }, (_, i) => Math.round(from + ((to - from) * i) / (steps - 1)));
const nameOf = (rate) => `rate_${rate}`;

const scenarios = {};
const thresholds = { http_req_failed: [{ threshold: "rate<0.5", abortOnFail: true, delayAbortEval: "5s" }] };
rates.forEach((rate, i) => {
  const scenario = nameOf(rate);
  scenarios[scenario] = constantArrival(rate, stepSeconds, { startSeconds: i * stepSeconds });
  thresholds[`http_req_duration{scenario:${scenario}}`] = [i === 0 ? `p(99)<=${p99Ms}` : recorded];
  thresholds[`events_accepted{scenario:${scenario}}`] = [recordedCount];
});

export const options = optionsWith(scenarios, thresholds);

export const setup = openSession;

export default function ({ apiKey }) {
  publishOne(apiKey);
}

export const handleSummary = summaryOf("ramp", (metrics) =>
  findKnee(
    rates.map((rate) => ({
      rate,
      expected: rate * stepSeconds,
      accepted: countOf(metrics[`events_accepted{scenario:${nameOf(rate)}}`]),
      p99Ms: p99Of(metrics[`http_req_duration{scenario:${nameOf(rate)}}`]),
    })),
    p99Ms,
  ),
);

function countOf(metric) {
  return metric ? metric.values.count : 0;
}

function p99Of(metric) {
  return metric && metric.values.count > 0 ? metric.values["p(99)"] : undefined;
}
