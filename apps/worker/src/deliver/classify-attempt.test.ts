import { expect, test } from "@jest/globals";
import { classifyAttempt } from "./classify-attempt.ts";
import type { AttemptResult } from "./send-webhook.ts";

const nowMs = Date.UTC(2030, 0, 1);
const state = { scheduleStep: 1, schedule: [0, 5, 300], nowMs, random: () => 0.5 };
const day = 86_400_000;

function result(over: Partial<AttemptResult>): AttemptResult {
  const none = { status: null, errorCode: null, errorDetail: null, retryAfter: null };
  return { ...none, durationMs: 1, responseHeaders: {}, responseBody: Buffer.alloc(0), ...over };
}
const status = (code: number, retryAfter: string | null = null): AttemptResult =>
  result({ status: code, errorCode: "http_status", retryAfter });

test("an attempt without an error is delivered", () => {
  expect(classifyAttempt(result({ status: 204 }), state)).toEqual({ kind: "delivered" });
});

test.each([
  status(400),
  status(500),
  status(404, "60"),
  status(503),
  result({ status: 302, errorCode: "redirect_refused" }),
  result({ errorCode: "dns_failure" }),
  result({ status: 200, errorCode: "timeout" }),
  result({ status: 410, errorCode: "connection_reset" }),
])("any other failure moves one step along the schedule: $status $errorCode", (failure) => {
  expect(classifyAttempt(failure, state)).toEqual({ kind: "retry", delayMs: 300_000, nextStep: 2 });
});

test("the schedule's delay has 20 % jitter to both sides", () => {
  const delays = [0, 1].map((draw) => classifyAttempt(status(500), { ...state, random: () => draw }));
  expect(delays).toMatchObject([{ delayMs: 240_000 }, { delayMs: 360_000 }]);
});

test("the last step's failure ends the delivery, whatever the receiver asks for", () => {
  expect(classifyAttempt(status(503, "60"), { ...state, scheduleStep: 2 })).toEqual({ kind: "failed" });
});

test("a complete 410 is the end, also on the last step", () => {
  expect(classifyAttempt(status(410), state)).toEqual({ kind: "gone" });
  expect(classifyAttempt(status(410), { ...state, scheduleStep: 2 })).toEqual({ kind: "gone" });
});

test("an interrupted attempt consumes nothing, also on the last step", () => {
  const cut = result({ status: 200, errorCode: "interrupted" });
  expect(classifyAttempt(cut, { ...state, scheduleStep: 2 })).toEqual({ kind: "interrupted" });
});

test.each([
  [429, "7", 7000],
  [429, "86400", day],
  [429, "99999999999999999999", day],
  [503, "Tue, 01 Jan 2030 00:01:00 GMT", 60_000],
  [503, "Tuesday, 01-Jan-30 00:01:00 GMT", 60_000],
  [503, "Tue Jan  1 00:01:00 2030", 60_000],
  [503, "Sun, 01 Jan 2040 00:00:00 GMT", day],
])("a %i with Retry-After %j waits %i ms and still consumes the step", (code, header, delayMs) => {
  const soon = { ...state, scheduleStep: 0 };
  expect(classifyAttempt(status(code, header), soon)).toEqual({ kind: "retry", delayMs, nextStep: 1 });
});

test.each(["7", " 0 ", "Mon, 31 Dec 2029 23:59:00 GMT"])(
  "a Retry-After of %j never shortens the schedule's delay: a zero would use up the schedule at once",
  (header) => expect(classifyAttempt(status(503, header), state)).toMatchObject({ delayMs: 300_000 }),
);

test.each(["", "-5", "1.5", "1e3", "soon", "Monday", "2030-01-01", "Tue, 99 Foo 2030"])(
  "a Retry-After that is none, %j, leaves the schedule's delay",
  (header) => expect(classifyAttempt(status(429, header), state)).toMatchObject({ delayMs: 300_000 }),
);
