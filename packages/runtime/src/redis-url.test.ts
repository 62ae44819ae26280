import { expect, test } from "@jest/globals";
import { parseRedisUrl } from "./redis-url.ts";

test.each(["redis://localhost", "rediss://u:p@h:1/2"])("%s is one server", (url) => {
  expect(parseRedisUrl(url)).toEqual({ form: "single", url });
});

test("Sentinels, the master's name, a database and both kinds of credentials are read", () => {
  const url =
    "redis+sentinel://app:p%40ss%2C%3A%2F@a:1,b.example,[::1]:3/main/4?sentinel_username=s&sentinel_password=x%26y";
  expect(parseRedisUrl(url)).toEqual({
    ...{ form: "sentinel", isTls: false, masterName: "main", db: 4 },
    sentinels: [
      { host: "a", port: 1 },
      { host: "b.example", port: 26_379 },
      { host: "::1", port: 3 },
    ],
    credentials: { username: "app", password: "p@ss,:/" },
    sentinelCredentials: { username: "s", password: "x&y" },
  });
});

test("without a user a password stands alone, and without a database it is the first", () => {
  const address = parseRedisUrl("rediss+sentinel://:secret@a:1/main");
  expect(address).toMatchObject({ isTls: true, db: 0, credentials: { password: "secret" } });
  expect(address).toMatchObject({ sentinelCredentials: {} });
});

test("a Cluster is known by some of its nodes", () => {
  expect(parseRedisUrl("redis+cluster://:p@a:1,b")).toEqual({
    ...{ form: "cluster", isTls: false, credentials: { password: "p" } },
    nodes: [
      { host: "a", port: 1 },
      { host: "b", port: 6_379 },
    ],
  });
});

test.each([
  "http://h",
  "redis:/h",
  "redis+sentinel://a:1",
  "redis+sentinel://a:1/",
  "redis+sentinel:///main",
  "redis+sentinel://a:1/main/x",
  "redis+sentinel://a:1/main/0/1",
  "redis+sentinel://a:1/main?passwort=x",
  "redis+sentinel://a:0/main",
  "redis+sentinel://a:70000/main",
  "redis+sentinel://a:1,,b:2/main",
  "redis+sentinel://%zz@a:1/main",
  "redis+cluster://",
  "redis+cluster://a:1/3",
  "redis+cluster://a b:1",
])("%s is refused, without a word of it in the message", (url) => {
  expect(() => parseRedisUrl(url)).toThrow();
});
