import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

const folder = new URL("../k6/", import.meta.url);
const scripts = readdirSync(folder).filter((file) => file.endsWith(".js"));
const parts = readdirSync(new URL("lib/", folder)).map((file) => `lib/${file}`);

interface Trend {
  type: "trend";
  values: Record<string, number>;
  thresholds?: Record<string, { ok: boolean }>;
}

const load = async <T>(path: string) => (await import(new URL(path, folder).href)) as T;
const { findKnee } = await load<{
  findKnee: (
    steps: object[],
    limitMs: number,
  ) => { lines: string[]; facts: { knee_per_second: number | null } };
}>("lib/find-knee.js");
const { describeSummary } = await load<{
  describeSummary: (data: object, title: string) => { text: string; thresholds: object[]; isPassed: boolean };
}>("lib/describe-summary.js");

describe("the k6 scripts", () => {
  test("import nothing but k6 and each other", () => {
    for (const file of [...scripts, ...parts]) {
      const text = readFileSync(new URL(file, folder), "utf8");
      const imported = [...text.matchAll(/^import .* from "(.*)";$/gm)].map(([, from]) => from);
      expect(
        imported.filter((from) => !/^(k6(\/[a-z]+)?|\.\/(lib\/)?[a-z-]+\.js)$/.test(from ?? "")),
      ).toEqual([]);
    }
  });

  test("stand in k6/README.md, each with its summary", () => {
    const readme = readFileSync(new URL("README.md", folder), "utf8");
    for (const file of scripts) {
      const name = file.slice(0, -".js".length);
      expect(readme).toContain(`pnpm load ${name}`);
      expect(readFileSync(new URL(file, folder), "utf8")).toContain(`summaryOf("${name}"`);
    }
  });
});

describe("the knee", () => {
  const step = (rate: number, accepted: number, p99Ms?: number) => ({
    rate,
    expected: rate * 10,
    accepted,
    p99Ms,
  });

  test("is the last step before the first that is late or loses arrivals", () => {
    const steps = [step(100, 1_000, 5), step(200, 1_990, 9), step(300, 2_000, 9), step(400, 4_000, 9)];
    expect(findKnee(steps, 10).facts.knee_per_second).toBe(200);
    expect(findKnee(steps, 8).facts.knee_per_second).toBe(100);
  });

  test("is unknown when the first step fails, also without any answer", () => {
    expect(findKnee([step(100, 0)], 10).facts.knee_per_second).toBeNull();
  });

  test("lies beyond the last step when all hold, and it says so", () => {
    const { lines, facts } = findKnee([step(100, 1_000, 5)], 10);
    expect(facts.knee_per_second).toBe(100);
    expect(lines.at(-1)).toContain("No knee");
  });
});

describe("the summary", () => {
  const trend = (thresholds: Trend["thresholds"]): Trend => ({
    type: "trend",
    values: { count: 3, med: 1, "p(95)": 2, "p(99)": 17.5, "p(99.9)": 18, max: 19 },
    ...(thresholds === undefined ? {} : { thresholds }),
  });
  const describeMetrics = (metrics: Record<string, Trend>, checks: object[] = []) =>
    describeSummary({ metrics, state: { testRunDurationMs: 1_500 }, root_group: { checks } }, "ingest");

  test("fails when one threshold is crossed, and shows its value", () => {
    const { text, thresholds, isPassed } = describeMetrics({
      latency: trend({ "p(99)<=15": { ok: false } }),
    });
    expect(isPassed).toBe(false);
    expect(thresholds).toEqual([{ metric: "latency", condition: "p(99)<=15", ok: false, value: 17.5 }]);
    expect(text).toMatch(/✗ latency +p\(99\)<=15 +17.50/);
  });

  test("leaves out the thresholds that only keep a figure, and names the checks that failed", () => {
    const checks = [
      { name: "fine", passes: 2, fails: 0 },
      { name: "broken", passes: 1, fails: 2 },
    ];
    const { text, thresholds } = describeMetrics({ latency: trend({ "max>=0": { ok: true } }) }, checks);
    expect(thresholds).toEqual([]);
    expect(text).toContain("✗ broken: failed 2 of 3 times");
    expect(text).not.toContain("fine");
  });
});
