import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { callApi } from "@triggers/testing";
import { problems } from "../src/http/problem-table.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());
const get = (path: string) => callApi(gateway.url, "GET", path);

describe("the pages of the errors (contract, section 8)", () => {
  test.each(Object.entries(problems))("%s has a page with its cause and its cure", async (code, problem) => {
    const { status, headers, text } = await get(`/docs/errors/${code}`);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(text).toContain(`<dd><code>${code}</code></dd>`);
    expect(text).toContain(`<dd>${problem.status}</dd>`);
    for (const sentence of [problem.title, problem.cause, problem.cure]) {
      const [plain = ""] = sentence.split(/[`'<>&"]/, 1);
      expect(text).toContain(plain);
    }
    expect(text).not.toContain("`");
  });

  test("are listed on one page", async () => {
    const { text } = await get("/docs/errors");
    for (const code of Object.keys(problems)) expect(text).toContain(`href="/docs/errors/${code}"`);
  });

  test.each(["nope", "constructor", "__proto__", "%3Cscript%3E"])("do not exist for %s", async (code) => {
    const { status, body } = await get(`/docs/errors/${code}`);
    expect([status, body.code]).toEqual([404, "not_found"]);
  });
});

describe("the reference", () => {
  test("loads its assets from this server, which browsers may keep", async () => {
    const { text } = await get("/docs");
    const [, source = ""] = /<script src="([^"]+)"/.exec(text) ?? [];
    const asset = await get(source);
    expect([asset.status, asset.headers.get("content-type")]).toEqual([
      200,
      "text/javascript; charset=utf-8",
    ]);
    expect(asset.headers.get("x-content-type-options")).toBe("nosniff");
    expect(asset.headers.get("cache-control")).toMatch(/max-age=[1-9]/);
    expect(asset.text.length).toBeGreaterThan(1_000_000);
  });

  test("may neither load nor send anything elsewhere", async () => {
    for (const path of ["/docs", "/docs/errors", "/docs/errors/not_found"]) {
      const { headers, text } = await get(path);
      const policy = headers.get("content-security-policy") ?? "";
      expect(Object.fromEntries(headers)).toMatchObject({
        ...{
          "x-content-type-options": "nosniff",
          "referrer-policy": "no-referrer",
          "x-frame-options": "DENY",
        },
        ...{ "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin" },
      });
      expect(policy).toMatch(/^default-src 'none'/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'|script-src[^;]*'unsafe-inline'/);
      expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    }
  });

  test("is found at /redoc too", async () => {
    const answer = await fetch(`${gateway.url}/redoc`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/docs"]);
  });
});
