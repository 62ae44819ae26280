// From the 202 to the webhook's arrival. RATE (events/s), DURATION, P50_MS, P99_MS; RECEIVER_URL, where the worker and
// k6 both reach k6/receiver.mjs (`pnpm load end-to-end` starts one). The organization must have no webhook yet.
import { check, fail } from "k6";
import http from "k6/http";
import { Trend } from "k6/metrics";
import { constantArrival } from "./lib/constant-arrival.js";
import { optionsWith } from "./lib/options.js";
import { publishOne } from "./lib/publish.js";
import { send } from "./lib/send.js";
import { openSession } from "./lib/session.js";
import { numberFrom, secondsFrom } from "./lib/settings.js";
import { summaryOf } from "./lib/summary.js";

const receiverUrl = (__ENV.RECEIVER_URL || "http://127.0.0.1:4000").replace(/\/$/, "");

const acceptedToDelivered = new Trend("accepted_to_delivered", true);

export const options = optionsWith(
  { events: constantArrival(numberFrom("RATE", 100), secondsFrom("DURATION", "30s")) },
  {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    dropped_iterations: ["count==0"],
    accepted_to_delivered: [`med<=${numberFrom("P50_MS", 10)}`, `p(99)<=${numberFrom("P99_MS", 60)}`],
  },
);

export function setup() {
  const { apiKey } = openSession();
  const present = send("GET", "/api/webhook/config", { apiKey, name: "set-up", expected: 404 });
  if (present.status !== 404) fail("This organization has a webhook already, which this test would replace.");
  const body = JSON.stringify({ webhook_url: `${receiverUrl}/hooks` });
  const saved = send("POST", "/api/webhook/config", { apiKey, name: "set-up", body, expected: 200 });
  if (saved.status !== 200) fail(`The webhook was not saved: ${saved.status} ${saved.body}`);
  return { apiKey };
}

export default function ({ apiKey }) {
  const answer = publishOne(apiKey);
  const acceptedAt = Date.now();
  if (answer.status !== 202) return;
  // Answers as soon as the webhook has come, with the time of its arrival by the same clock.
  const arrival = http.get(`${receiverUrl}/arrivals/${answer.json("id")}`, { tags: { name: "arrival" } });
  const hasArrived = check(arrival, { "its webhook arrives": ({ status }) => status === 200 });
  // Before the 202 was even read: that is no time at all.
  if (hasArrived) acceptedToDelivered.add(Math.max(0, arrival.json("received_at") - acceptedAt));
}

export function teardown({ apiKey }) {
  send("DELETE", "/api/webhook/config", { apiKey, name: "tear-down", expected: 204 });
}

export const handleSummary = summaryOf("end-to-end");
