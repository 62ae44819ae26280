// A steady rate, a burst, the steady rate again: the burst may be refused (429, 503 with Retry-After), but never break
// anything, and what follows it must be as fast as before. RATE (events/s), SPIKE_RATE, PHASE (duration), P99_MS.
import { check } from "k6";
import http from "k6/http";
import { Counter } from "k6/metrics";
import { constantArrival } from "./lib/constant-arrival.js";
import { recorded } from "./lib/describe-summary.js";
import { optionsWith } from "./lib/options.js";
import { sampleEvent } from "./lib/sample-event.js";
import { openSession } from "./lib/session.js";
import { numberFrom, secondsFrom, settings } from "./lib/settings.js";
import { summaryOf } from "./lib/summary.js";

const rate = numberFrom("RATE", Math.max(1, settings.fittingRate / 4));
const spikeRate = numberFrom("SPIKE_RATE", 10 * rate);
const phase = secondsFrom("PHASE", "20s");
const limit = `p(99)<=${numberFrom("P99_MS", 15)}`;

const accepted = new Counter("events_accepted");
const refused = new Counter("events_refused");

export const options = optionsWith(
  {
    before: constantArrival(rate, phase),
    spike: constantArrival(spikeRate, phase / 2, { startSeconds: phase }),
    // A moment for what the burst left behind.
    after: constantArrival(rate, phase, { startSeconds: 1.5 * phase + 5 }),
  },
  {
    checks: ["rate==1"],
    "http_req_duration{scenario:before}": [limit],
    "http_req_duration{scenario:spike}": [recorded],
    "http_req_duration{scenario:after}": [limit],
    "http_req_failed{scenario:before}": ["rate==0"],
    "http_req_failed{scenario:after}": ["rate==0"],
    "dropped_iterations{scenario:after}": ["count==0"],
  },
);

export const setup = openSession;

export default function ({ apiKey }) {
  const answer = http.post(`${settings.baseUrl}/api/events`, sampleEvent(), {
    headers: { "X-API-Key": apiKey, "Content-Type": "application/json" },
    tags: { name: "publish" },
    responseCallback: http.expectedStatuses(202, 429, 503),
  });
  (answer.status === 202 ? accepted : refused).add(1);
  check(answer, {
    "accepted, or refused with a Retry-After": ({ status, headers }) =>
      status === 202 || ((status === 429 || status === 503) && headers["Retry-After"] !== undefined),
  });
}

export const handleSummary = summaryOf("spike");
