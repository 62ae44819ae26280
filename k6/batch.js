// Batches at a constant rate of events. RATE (events/s), BATCH (events per request), DURATION, P99_MS.
import { check } from "k6";
import { Counter } from "k6/metrics";
import { constantArrival } from "./lib/constant-arrival.js";
import { optionsWith } from "./lib/options.js";
import { sampleEvent } from "./lib/sample-event.js";
import { send } from "./lib/send.js";
import { openSession } from "./lib/session.js";
import { numberFrom, secondsFrom, settings } from "./lib/settings.js";
import { summaryOf } from "./lib/summary.js";

const size = Math.min(1_000, Math.round(numberFrom("BATCH", 100)));
const rate = numberFrom("RATE", settings.fittingRate);

const accepted = new Counter("events_accepted");

export const options = optionsWith(
  { batch: constantArrival(rate / size, secondsFrom("DURATION", "1m")) },
  {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    dropped_iterations: ["count==0"],
    "http_req_duration{name:batch}": [`p(99)<=${numberFrom("P99_MS", 250)}`],
  },
);

export const setup = openSession;

export default function ({ apiKey }) {
  const body = `{"events":[${Array.from({ length: size }, () => sampleEvent()).join(",")}]}`;
  const answer = send("POST", "/api/events/batch", { apiKey, name: "batch", body, expected: 202 });
  const count = answer.status === 202 ? answer.json("accepted") : 0;
  accepted.add(count);
  check(answer, { "every event of the batch is accepted": () => count === size });
}

export const handleSummary = summaryOf("batch");
