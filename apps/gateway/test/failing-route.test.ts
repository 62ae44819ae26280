import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createLogger } from "@triggers/runtime";
import { callApi } from "@triggers/testing";
import express from "express";
import { createErrorHandler } from "../src/http/error-handler.ts";
import { createRequestContext } from "../src/http/request-context.ts";

let server: Server;
let url: string;
const lines: string[] = [];

/** What every route runs in, around routes that a sound gateway does not have. */
beforeAll(async () => {
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger({ level: "debug", service: "test", destination });
  const app = express();
  app.use(createRequestContext({ logger, slowRequestMs: 200 }));
  app.get("/broken", () => {
    throw new Error("duplicate key value in table salaries");
  });
  // The time is what the test is about.
  app.get("/slow/:ms", async (req, res) => {
    await pause(Number(req.params.ms));
    res.end("ok");
  });
  app.use(createErrorHandler(logger));
  server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const logged = (message: string) =>
  lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((entry) => entry.message === message);

test("a 500 never shows an exception's text; the log does, with the same request id", async () => {
  const answer = await callApi(url, "GET", "/broken", undefined, { "x-request-id": "the-broken-one" });
  expect([answer.status, answer.body.code, answer.body.retryable]).toEqual([500, "internal_error", true]);
  expect(answer.body.request_id).toBe("the-broken-one");
  expect(answer.text).not.toContain("salaries");
  const [entry] = logged("a request failed");
  expect(entry).toMatchObject({ level: "error", requestId: "the-broken-one", path: "/broken" });
  expect(JSON.stringify(entry)).toContain("duplicate key value in table salaries");
});

test("a request slower than the setting is logged as a warning, one of a second as an error, others not", async () => {
  for (const ms of [0, 0, 0, 250, 1_050]) await callApi(url, "GET", `/slow/${ms}`);
  const levels = new Map(logged("slow request").map(({ path, level }) => [path, level]));
  expect(levels.get("/slow/250")).toBe("warn");
  expect(levels.get("/slow/1050")).toBe("error");
  // A busy machine can make any request slow, but not all of them.
  const durations = logged("slow request").map(({ durationMs }) => Number(durationMs));
  expect(Math.min(...durations)).toBeGreaterThanOrEqual(200);
  expect(logged("slow request").filter(({ path }) => path === "/slow/0").length).toBeLessThan(3);
});
