// 70 % publishing, 20 % reading the inbox, 10 % acknowledging. RATE (requests/s), DURATION, P99_MS.
import { check } from "k6";
import exec from "k6/execution";
import { constantArrival } from "./lib/constant-arrival.js";
import { optionsWith } from "./lib/options.js";
import { publishOne } from "./lib/publish.js";
import { send } from "./lib/send.js";
import { openSession } from "./lib/session.js";
import { numberFrom, secondsFrom, settings } from "./lib/settings.js";
import { summaryOf } from "./lib/summary.js";

const p99Ms = numberFrom("P99_MS", 50);

export const options = optionsWith(
  { mixed: constantArrival(numberFrom("RATE", settings.fittingRate), secondsFrom("DURATION", "1m")) },
  {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    dropped_iterations: ["count==0"],
    "http_req_duration{name:publish}": [`p(99)<=${p99Ms}`],
    "http_req_duration{name:inbox}": [`p(99)<=${p99Ms}`],
    "http_req_duration{name:ack}": [`p(99)<=${p99Ms}`],
  },
);

export const setup = openSession;

/** Accepted by this virtual user and not yet acknowledged. */
const open = [];

export default function ({ apiKey }) {
  const turn = exec.scenario.iterationInTest % 10;
  if (turn === 9 && open.length > 0) acknowledge(apiKey, open.shift());
  else if (turn === 3 || turn === 7) readInbox(apiKey);
  else publish(apiKey);
}

function publish(apiKey) {
  const answer = publishOne(apiKey);
  if (answer.status === 202 && open.length < 1_000) open.push(answer.json("id"));
}

function readInbox(apiKey) {
  const answer = send("GET", "/api/inbox?limit=20", { apiKey, name: "inbox", expected: 200 });
  check(answer, { "the inbox answers 200": ({ status }) => status === 200 });
}

function acknowledge(apiKey, id) {
  const answer = send("POST", `/api/inbox/ack/${id}`, { apiKey, name: "ack", expected: 200 });
  check(answer, { "an acknowledgement is answered with 200": ({ status }) => status === 200 });
}

export const handleSummary = summaryOf("mixed");
