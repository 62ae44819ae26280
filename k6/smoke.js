// The main path once around: send an event, send it again, find it in the inbox, acknowledge it.
//   k6 run k6/smoke.js                                            against http://localhost:3000, with a key of its own
//   k6 run -e BASE_URL=https://… -e API_KEY=trg_live_… k6/smoke.js
import { check, fail, sleep } from "k6";
import http from "k6/http";
import { Trend } from "k6/metrics";

const baseUrl = (__ENV.BASE_URL || "http://localhost:3000").replace(/\/$/, "");

const timeToInbox = new Trend("time_to_inbox", true);

export const options = {
  scenarios: {
    // 40 requests that count against the rate limit: even the smallest tier lets them pass.
    smoke: { executor: "shared-iterations", vus: 2, iterations: 20, maxDuration: "1m" },
  },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    "http_req_duration{name:publish}": ["p(95)<100"],
    "http_req_duration{name:duplicate}": ["p(95)<100"],
    "http_req_duration{name:inbox}": ["p(95)<200"],
    "http_req_duration{name:ack}": ["p(95)<200"],
    time_to_inbox: ["p(95)<1000"],
  },
};

/** Runs once. The key needs the scopes publish, read and consume; without API_KEY, signup must be open. */
export function setup() {
  const apiKey = __ENV.API_KEY || generateKey();
  // The first use of a key costs a gateway one comparison of its hash, some 70 ms on purpose.
  const answer = http.get(`${baseUrl}/api/inbox?limit=1`, { headers: { "X-API-Key": apiKey } });
  if (answer.status !== 200) fail(`The key is not accepted: ${answer.status} ${answer.body}`);
  return { apiKey };
}

function generateKey() {
  const answer = post("/api/keys/generate", "generate key", {}, { organization_name: "k6 smoke" }, 201);
  if (answer.status !== 201) fail(`No key was generated (set API_KEY): ${answer.status} ${answer.body}`);
  return answer.json("api_key");
}

export default function ({ apiKey }) {
  const headers = { "X-API-Key": apiKey };
  // A subscriber of its own finds this event again, however many others there are.
  const subscriber = `k6-${crypto.randomUUID()}`;
  const event = { type: "k6.smoke", payload: { answer: 42 }, dedup_id: subscriber, subscriber };

  const accepted = post("/api/events", "publish", headers, event, 202);
  const sentAt = Date.now();
  const isAccepted = check(accepted, {
    "an event is accepted with 202": ({ status }) => status === 202,
    "the answer has its id": (answer) => isUuid(answer.json("id")),
    "Location names it": (answer) => answer.headers.Location === `/api/events/${answer.json("id")}`,
  });
  if (!isAccepted) return;
  const id = accepted.json("id");

  check(post("/api/events", "duplicate", headers, event, 409), {
    "the same dedup_id is a 409": ({ status }) => status === 409,
    "it names the first event": (answer) => answer.json("id") === id && answer.json("duplicate") === true,
  });

  const found = waitForInbox(subscriber, headers);
  timeToInbox.add(Date.now() - sentAt);
  check(found, {
    "the inbox has it once": (events) => events.length === 1 && events[0].id === id,
    "its payload is what was sent": (events) => events.length > 0 && events[0].payload.answer === 42,
  });

  check(post(`/api/inbox/ack/${id}`, "ack", headers, undefined, 200), {
    "it can be acknowledged": (answer) => answer.status === 200 && answer.json("status") === "acknowledged",
  });
  check(readInbox(subscriber, headers), {
    "then the inbox no longer has it": (events) => events.length === 0,
  });
}

/** A worker persists the event after the 202, usually within milliseconds. */
function waitForInbox(subscriber, headers) {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const events = readInbox(subscriber, headers);
    if (events.length > 0 || Date.now() > giveUpAt) return events;
    sleep(0.02);
  }
}

function readInbox(subscriber, headers) {
  const answer = http.get(`${baseUrl}/api/inbox?subscriber=${subscriber}`, {
    headers,
    tags: { name: "inbox" },
  });
  return answer.status === 200 ? answer.json("events") : [];
}

/** `expected` is the status that does not count as failed. */
function post(path, name, headers, body, expected) {
  return http.post(baseUrl + path, body === undefined ? null : JSON.stringify(body), {
    headers: body === undefined ? headers : Object.assign({ "Content-Type": "application/json" }, headers),
    tags: { name },
    responseCallback: http.expectedStatuses(expected),
  });
}

function isUuid(text) {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
