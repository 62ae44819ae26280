import { expect, test } from "@jest/globals";
import { drawFigures } from "./chart.ts";
import { type Figure, figureRow, isMet } from "./figure.ts";
import { ratiosOf, runTable } from "./run-table.ts";

const figure = (values: number[], target?: Figure["target"]): Figure => ({
  ...{ name: "p99 <of> all", unit: "ms", digits: 1, values },
  ...(target === undefined ? {} : { target }),
});

test("the median decides whether a target is met, in its own direction", () => {
  expect(isMet(figure([1, 2, 30], { atMost: 2 }))).toBe(true);
  expect(isMet(figure([1, 3, 3], { atMost: 2 }))).toBe(false);
  expect(isMet(figure([1, 3, 3], { atLeast: 3 }))).toBe(true);
  expect(isMet(figure([1, 2, 30], { atLeast: 3 }))).toBe(false);
  expect(isMet(figure([1]))).toBeUndefined();
});

test("a missed target and the spread stand in the row", () => {
  expect(figureRow("S9", figure([1, 2, 30], { atMost: 1 }))).toEqual([
    "S9 p99 <of> all",
    "2.0 (1.0..30.0)",
    "ms",
    "≤ 1",
    "NO",
  ]);
});

test("ratios are taken turn by turn, and one that is no number stays empty", () => {
  const of = (run: number) => run;
  expect(ratiosOf([2, 9], [1, 3, 4], of)).toEqual([2, 3]);
  const rows = runTable([{ heading: "n", digits: 0, of }], { floor: [0], product: [0] }, [
    "product",
    "floor",
  ]);
  expect(rows.at(-1)).toEqual(["product / floor", ""]);
});

test("the chart has a bar for each target and escapes what is written into it", () => {
  const svg = drawFigures([
    { label: "a <b> & c", figure: figure([1], { atMost: 2 }) },
    { label: "without", figure: figure([1]) },
  ]);
  expect(svg).toContain("a &lt;b&gt; &amp; c");
  expect(svg).not.toContain("without");
  expect(svg.match(/opacity/g)).toHaveLength(1);
});
