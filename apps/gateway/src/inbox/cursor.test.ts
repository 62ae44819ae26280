import { expect, test } from "@jest/globals";
import { DomainError } from "@triggers/domain";
import { decodeCursor, encodeCursor } from "./cursor.ts";

test.each([0, 1, 42, 999_999_999_999_999])("position %d comes back from its cursor", (position) => {
  const cursor = encodeCursor(position);
  expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(decodeCursor(cursor)).toBe(position);
});

const encode = (text: string) => Buffer.from(text).toString("base64url");

test.each([
  "",
  "1",
  "p1",
  encode("1"),
  encode("p"),
  encode("p-1"),
  encode("p01"),
  encode("p1.5"),
  encode("p1e3"),
])("%j is no cursor of ours", (cursor) => {
  expect(() => decodeCursor(cursor)).toThrow(DomainError);
});

test.each([`${encodeCursor(7)}=`, ` ${encodeCursor(7)}`, encode("p1234567890123456"), encode("p1 ")])(
  "%j, which only looks like one, is refused too",
  (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(DomainError);
  },
);
