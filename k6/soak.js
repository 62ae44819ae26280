// Half of what the tier allows, for a long time: is the end as fast as the beginning, and does the gateway keep its size?
// RATE (events/s), DURATION, P99_MS, MAX_RESIDENT_MB.
import http from "k6/http";
import { Trend } from "k6/metrics";
import { constantArrival } from "./lib/constant-arrival.js";
import { recorded } from "./lib/describe-summary.js";
import { optionsWith } from "./lib/options.js";
import { publishOne } from "./lib/publish.js";
import { openSession } from "./lib/session.js";
import { numberFrom, secondsFrom, settings } from "./lib/settings.js";
import { summaryOf } from "./lib/summary.js";

const rate = numberFrom("RATE", settings.fittingRate * 0.625);
const seconds = secondsFrom("DURATION", "30m");
const edge = Math.max(1, Math.floor(seconds / 10));

const resident = new Trend("gateway_resident_mb");

export const options = optionsWith(
  {
    first_tenth: constantArrival(rate, edge),
    middle: constantArrival(rate, seconds - 2 * edge, { startSeconds: edge }),
    last_tenth: constantArrival(rate, edge, { startSeconds: seconds - edge }),
    resident: constantArrival(1 / Math.max(1, Math.min(15, edge)), seconds, { exec: "sampleResident" }),
  },
  {
    checks: ["rate==1"],
    "http_req_failed{name:publish}": ["rate==0"],
    dropped_iterations: ["count==0"],
    "http_req_duration{name:publish}": [`p(99)<=${numberFrom("P99_MS", 15)}`],
    "http_req_duration{scenario:first_tenth}": [recorded],
    "http_req_duration{scenario:last_tenth}": [recorded],
    gateway_resident_mb: [`max<=${numberFrom("MAX_RESIDENT_MB", 200)}`],
  },
);

export const setup = openSession;

export default function ({ apiKey }) {
  publishOne(apiKey);
}

/** Where the metrics have a port of their own, or several gateways answer, this says nothing. */
export function sampleResident() {
  const answer = http.get(`${settings.baseUrl}/metrics`, { tags: { name: "metrics" } });
  const [, bytes] = /^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)$/m.exec(answer.body) || [];
  if (bytes !== undefined) resident.add(Number(bytes) / 1e6);
}

export const handleSummary = summaryOf("soak", (metrics) => {
  const p95 = (part) => metrics[`http_req_duration{scenario:${part}_tenth}`].values["p(95)"];
  const drift = p95("last") / p95("first");
  return {
    lines: [`p95 of the last tenth / p95 of the first tenth: ${drift.toFixed(2)}`],
    facts: { drift_p95: drift },
  };
});
