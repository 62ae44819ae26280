import { check } from "k6";
import { Counter } from "k6/metrics";
import { sampleEvent } from "./sample-event.js";
import { send } from "./send.js";

const accepted = new Counter("events_accepted");

/** Sends one event, which must be accepted, and returns the answer. */
export function publishOne(apiKey, body = sampleEvent()) {
  const answer = send("POST", "/api/events", { apiKey, name: "publish", body, expected: 202 });
  if (check(answer, { "the event is accepted with 202": ({ status }) => status === 202 })) accepted.add(1);
  return answer;
}
