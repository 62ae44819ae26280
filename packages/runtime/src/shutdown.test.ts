import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Writable } from "node:stream";
import { createInterface } from "node:readline";
import { describe, expect, test } from "@jest/globals";
import { createLogger } from "./logger.ts";
import { createReleasers } from "./shutdown.ts";

/** Runs a process that drains in this way, signals it as soon as it waits, and returns how it ended. */
async function drain(how: "ends" | "fails" | "hangs", limitMs: number, signals: NodeJS.Signals[]) {
  const entry = join(import.meta.dirname, "../test/drain-process.ts");
  const child = spawn(process.execPath, [entry, how, String(limitMs)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (line.includes("waiting")) for (const signal of signals) child.kill(signal);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, log: lines.join("\n") };
}

describe("a signal", () => {
  test.each<NodeJS.Signals>(["SIGTERM", "SIGINT"])(
    "%s drains, then ends the process with 0",
    async (signal) => {
      const { code, log } = await drain("ends", 10_000, [signal]);
      expect(code).toBe(0);
      expect(log).toContain(signal);
    },
  );

  test("ends it with 1 when the drain fails, and says why", async () => {
    const { code, log } = await drain("fails", 10_000, ["SIGTERM"]);
    expect(code).toBe(1);
    expect(log).toContain("the drain failed");
  });

  test("ends it with 1 when the drain takes too long, and a second signal changes nothing", async () => {
    const { code, log } = await drain("hangs", 200, ["SIGTERM", "SIGINT"]);
    expect(code).toBe(1);
    expect(log).toContain("the drain took too long");
    expect(log.match(/"draining"/g)).toHaveLength(1);
  });
});

describe("releasers", () => {
  test("release in the opposite order, once, and a failure keeps none of the others open", async () => {
    const released: string[] = [];
    const lines: string[] = [];
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    const releasers = createReleasers(createLogger({ level: "info", service: "test", destination }));
    releasers.push("first", () => released.push("first"));
    releasers.push("second", () => Promise.reject(new Error("stuck")));
    releasers.push("third", () => released.push("third"));
    await releasers.releaseAll();
    await releasers.releaseAll();
    expect(released).toEqual(["third", "first"]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ resource: "second", error: { message: "stuck" } });
  });
});
