import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startSystem, type System } from "./start-system.ts";

const adminToken = "an-operator-token-of-tests";
const main = new URL("../conformance/src/main.ts", import.meta.url).pathname;

interface CheckResult {
  section: string;
  name: string;
  result: "ok" | "failed" | "not_applicable";
  reason?: string;
}

let system: System;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "conformance-"));
  system = await startSystem();
  await system.startWorker();
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});

/** Runs the suite as its users do. What it prints is shown when it fails. */
async function conform(url: string, ...args: string[]) {
  const json = join(folder, "results.json");
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [main, "--url", url, "--json", json, ...args],
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
  const { results } = JSON.parse(await readFile(json, "utf8")) as { results: CheckResult[] };
  const named = (wanted: CheckResult["result"]) => results.filter(({ result }) => result === wanted);
  return { code, output, failed: named("failed"), notApplicable: named("not_applicable"), ok: named("ok") };
}

/** By its own count of requests: which answers the gateway gave that its document does not have. */
async function undocumentedAnswers(url: string): Promise<string[]> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  };
  const series = metrics.matchAll(
    /^triggers_http_requests_total\{method="(GET|POST|PATCH|DELETE)",route="([^"]+)",status="(\d+)"\}/gm,
  );
  const answers = [...series].map(([, method = "", route = "", status = ""]) => ({ method, route, status }));
  expect(answers.length).toBeGreaterThan(100);
  return answers
    .filter(({ method, route, status }) => {
      // No route, or none of this method.
      if (route === "unmatched" || status === "405") return false;
      const operation = paths[route.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
      return operation?.responses[status] === undefined;
    })
    .map(({ method, route, status }) => `${method} ${route} ${status}`);
}

describe("the conformance suite", () => {
  test("is green against a gateway with open signup and a worker", async () => {
    const gateway = await system.startGateway({ ADMIN_TOKEN: adminToken, CORS_ALLOWED_ORIGINS: "*" });
    const { code, output, failed, notApplicable } = await conform(gateway.url, "--admin-token", adminToken);
    expect(failed.length > 0 ? output : "").toBe("");
    expect(code).toBe(0);
    // What a server of this kind cannot be asked; all else must really have been.
    const reasons = notApplicable.map(({ reason = "" }) => reason);
    expect(reasons.filter((reason) => !reason.endsWith(": run with --slow"))).toEqual([
      "signup is open here",
    ]);
    expect(await undocumentedAnswers(gateway.url)).toEqual([]);
  }, 600_000);

  test("is green where signup is closed, with the operator's token", async () => {
    const gateway = await system.startGateway({ ADMIN_TOKEN: adminToken, SIGNUP: "admin" });
    const { code, output, ok } = await conform(gateway.url, "--admin-token", adminToken, "--only", "1,9");
    expect(code === 0 ? "" : output).toBe("");
    expect(ok.map(({ name }) => name)).toContain("SIGNUP=admin needs Authorization: Bearer $ADMIN_TOKEN");
  }, 120_000);

  test("says what it cannot ask without the token, and fails nothing for it", async () => {
    const gateway = await system.startGateway({ ADMIN_TOKEN: adminToken, SIGNUP: "admin" });
    const { code, failed, notApplicable } = await conform(gateway.url, "--only", "1,9");
    expect([code, failed]).toEqual([0, []]);
    expect(notApplicable.length).toBeGreaterThan(20);
  }, 60_000);

  test("fails, with what it expected and what it got, against a server that is not one", async () => {
    const receiver = await system.startReceiver();
    const { code, failed } = await conform(receiver.url, "--only", "errors");
    expect(code).toBe(1);
    expect(failed).toContainEqual(
      expect.objectContaining({ expected: expect.any(String), got: expect.stringContaining("ok") }),
    );
  }, 60_000);
});
