// Events at a constant rate for a while. RATE (events/s), DURATION, P99_MS, P999_MS.
import { constantArrival } from "./lib/constant-arrival.js";
import { optionsWith } from "./lib/options.js";
import { publishOne } from "./lib/publish.js";
import { openSession } from "./lib/session.js";
import { numberFrom, secondsFrom, settings } from "./lib/settings.js";
import { summaryOf } from "./lib/summary.js";

const rate = numberFrom("RATE", settings.fittingRate);

export const options = optionsWith(
  { ingest: constantArrival(rate, secondsFrom("DURATION", "1m")) },
  {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    dropped_iterations: ["count==0"],
    "http_req_duration{name:publish}": [
      `p(99)<=${numberFrom("P99_MS", 15)}`,
      `p(99.9)<=${numberFrom("P999_MS", 75)}`,
    ],
  },
);

export const setup = openSession;

export default function ({ apiKey }) {
  publishOne(apiKey);
}

export const handleSummary = summaryOf("ingest");
