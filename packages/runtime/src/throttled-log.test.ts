import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { createLogger } from "./logger.ts";
import { createThrottledLog } from "./throttled-log.ts";

function createThrottled(everyMs: number) {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const logger = createLogger({ level: "debug", service: "test", destination });
  return { lines, log: createThrottledLog(logger, "warn", "it failed", everyMs) };
}

test("the first of a burst is logged at once, and the rest is quiet", () => {
  const { lines, log } = createThrottled(60_000);
  for (let n = 0; n < 1_000; n++) log({ n });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: "warn", message: "it failed", n: 0 });
});

test("what comes after the quiet time says how many were not logged", async () => {
  const { lines, log } = createThrottled(30);
  const endsAt = performance.now() + 100;
  let count = 0;
  while (performance.now() < endsAt) {
    log({ n: count++ });
    await new Promise(setImmediate);
  }
  expect(lines.length).toBeGreaterThanOrEqual(2);
  expect(lines.length).toBeLessThanOrEqual(4);
  expect(lines[0]).not.toHaveProperty("suppressed");
  expect(lines[1]?.suppressed).toBe(Number(lines[1]?.n) - 1);
});
