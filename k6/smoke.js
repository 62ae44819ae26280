// The main path once around: send an event, send it again, find it in the inbox, acknowledge it. 40 requests that count
// against the rate limit, so that even the smallest tier lets them pass.
import { check, sleep } from "k6";
import { Trend } from "k6/metrics";
import { optionsWith } from "./lib/options.js";
import { send } from "./lib/send.js";
import { openSession } from "./lib/session.js";
import { summaryOf } from "./lib/summary.js";

const timeToInbox = new Trend("time_to_inbox", true);

export const options = optionsWith(
  { smoke: { executor: "shared-iterations", vus: 2, iterations: 20, maxDuration: "1m" } },
  {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    "http_req_duration{name:publish}": ["p(95)<100"],
    "http_req_duration{name:duplicate}": ["p(95)<100"],
    "http_req_duration{name:inbox}": ["p(95)<200"],
    "http_req_duration{name:ack}": ["p(95)<200"],
    time_to_inbox: ["p(95)<1000"],
  },
);

export const setup = openSession;

export default function ({ apiKey }) {
  // A subscriber of its own finds this event again, however many others there are.
  const subscriber = `k6-${crypto.randomUUID()}`;
  const body = JSON.stringify({
    type: "k6.smoke",
    payload: { answer: 42 },
    dedup_id: subscriber,
    subscriber,
  });

  const accepted = send("POST", "/api/events", { apiKey, name: "publish", body, expected: 202 });
  const sentAt = Date.now();
  const isAccepted = check(accepted, {
    "an event is accepted with 202": ({ status }) => status === 202,
    "the answer has its id": (answer) => isUuid(answer.json("id")),
    "Location names it": (answer) => answer.headers.Location === `/api/events/${answer.json("id")}`,
  });
  if (!isAccepted) return;
  const id = accepted.json("id");

  check(send("POST", "/api/events", { apiKey, name: "duplicate", body, expected: 409 }), {
    "the same dedup_id is a 409": ({ status }) => status === 409,
    "it names the first event": (answer) => answer.json("id") === id && answer.json("duplicate") === true,
  });

  const found = waitForInbox(apiKey, subscriber);
  timeToInbox.add(Date.now() - sentAt);
  check(found, {
    "the inbox has it once": (events) => events.length === 1 && events[0].id === id,
    "its payload is what was sent": (events) => events.length > 0 && events[0].payload.answer === 42,
  });

  check(send("POST", `/api/inbox/ack/${id}`, { apiKey, name: "ack", expected: 200 }), {
    "it can be acknowledged": (answer) => answer.status === 200 && answer.json("status") === "acknowledged",
  });
  check(readInbox(apiKey, subscriber), {
    "then the inbox no longer has it": (events) => events.length === 0,
  });
}

/** A worker persists the event after the 202, usually within milliseconds. */
function waitForInbox(apiKey, subscriber) {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const events = readInbox(apiKey, subscriber);
    if (events.length > 0 || Date.now() > giveUpAt) return events;
    sleep(0.02);
  }
}

function readInbox(apiKey, subscriber) {
  const path = `/api/inbox?subscriber=${subscriber}`;
  const answer = send("GET", path, { apiKey, name: "inbox", expected: 200 });
  return answer.status === 200 ? answer.json("events") : [];
}

function isUuid(text) {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

export const handleSummary = summaryOf("smoke");
