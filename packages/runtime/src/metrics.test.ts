import { expect, test } from "@jest/globals";
import { createRegistry } from "./metrics.ts";

test("only counters have names that end in _total, and every metric is explained", async () => {
  const metrics = await createRegistry().getMetricsAsJSON();
  expect(metrics.length).toBeGreaterThan(10);
  for (const { name, type, help } of metrics) {
    expect([name, name.endsWith("_total")]).toEqual([name, String(type) === "counter"]);
    expect(help).not.toBe("");
  }
});
