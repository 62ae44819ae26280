import type { Answer } from "./http-call.ts";
import { Mismatch } from "./mismatch.ts";
import { differenceOf, flag, type Shape, text } from "./shape.ts";

export function expectStatus(answer: Answer, status: number): void {
  if (answer.status !== status) throw new Mismatch(`status ${status}`, describe(answer));
}

export function expectHeader(answer: Answer, name: string, pattern: RegExp): string {
  const value = answer.headers[name.toLowerCase()];
  if (value === undefined || !pattern.test(value)) {
    throw new Mismatch(
      `header ${name} like ${String(pattern)}`,
      value ?? `no such header on a ${answer.status}`,
    );
  }
  return value;
}

/** Holds a value against a shape; fields beyond it are allowed, for the API only grows. */
export function expectShape(value: unknown, shape: Shape, place?: string): void {
  const difference = differenceOf(value, shape, place);
  if (difference) throw new Mismatch(difference.expected, difference.got);
}

export function expectEqual(what: string, got: unknown, expected: unknown): void {
  const [gotText, expectedText] = [JSON.stringify(got), JSON.stringify(expected)];
  if (gotText !== expectedText) throw new Mismatch(`${what} to be ${expectedText}`, gotText);
}

export function expectTrue(what: string, holds: boolean, got: unknown): void {
  if (!holds) throw new Mismatch(what, typeof got === "string" ? got : JSON.stringify(got));
}

/** A status and, where it is given, a body of this shape. */
export function expectAnswer(answer: Answer, status: number, shape?: Shape): void {
  expectStatus(answer, status);
  if (shape !== undefined) expectShape(answer.body, shape);
}

/** A problem document as section 8 describes it. */
export function expectProblem(answer: Answer, status: number, code?: string, more: Shape = {}): void {
  expectStatus(answer, status);
  expectHeader(answer, "content-type", /^application\/problem\+json\b/);
  const { body } = answer as { body: Record<string, unknown> };
  const named = code ?? String(body.code);
  expectShape(body, {
    ...{ code: named, type: `/docs/errors/${named}`, title: text, status, detail: text, instance: text },
    ...{ retryable: flag, request_id: text, error: String(body.detail) },
  });
  expectShape(body, more);
}

/** A problem whose `errors` name exactly these places. */
export function expectFaults(answer: Answer, ...pointers: string[]): void {
  expectProblem(answer, 400, undefined, {
    errors: [{ pointer: { says: "text", matches: isText }, detail: text }],
  });
  const found = (answer.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
  expectEqual("the pointers of `errors`", found.sort(), [...pointers].sort());
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function describe(answer: Answer): string {
  return `${answer.status} ${answer.text.slice(0, 300)}`;
}
