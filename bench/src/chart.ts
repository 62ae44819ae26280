import { escapeXml } from "./escape-xml.ts";
import { type Figure, isMet, limitOf } from "./figure.ts";
import { format, summarize } from "./statistics.ts";

const rowHeight = 26;
const labelWidth = 380;
const barWidth = 420;
/** The target stands at half the width; what is more than twice as much is cut off. */
const targetX = labelWidth + barWidth / 2;
const width = labelWidth + barWidth + 300;

/**
 * A chart as SVG: one bar for each figure, drawn in proportion to its target, which is the line in the middle; a thin
 * line shows the spread. Figures without a target are left out.
 */
export function drawFigures(figures: readonly { label: string; figure: Figure }[]): string {
  const drawn = figures.filter(({ figure }) => figure.target !== undefined);
  const height = 50 + drawn.length * rowHeight;
  const rows = drawn.map(({ label, figure }, index) => drawRow(label, figure, 40 + index * rowHeight));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${targetX}" y="20" text-anchor="middle" fill="#555">target</text>
${rows.join("\n")}
<line x1="${targetX}" y1="26" x2="${targetX}" y2="${height - 10}" stroke="#333" stroke-dasharray="4 3"/>
</svg>
`;
}

function drawRow(label: string, figure: Figure, y: number): string {
  const { target, values, digits, unit } = figure;
  if (target === undefined) return "";
  const limit = limitOf(target);
  // A target of zero: met at the line, missed by anything above it.
  const share = (value: number) => (limit === 0 ? 1 + value : value / limit);
  const x = (value: number) => labelWidth + (Math.min(Math.max(share(value), 0), 2) * barWidth) / 2;
  const { median, min, max } = summarize(values);
  const color = isMet(figure) ? "#3a7d44" : "#b3392f";
  const middle = y + rowHeight / 2;
  const wanted = `${"atLeast" in target ? "≥" : "≤"} ${limit}`;
  return [
    `<text x="${labelWidth - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(label)}</text>`,
    `<rect x="${labelWidth}" y="${y + 4}" width="${(x(median) - labelWidth).toFixed(1)}" height="${rowHeight - 8}" fill="${color}" opacity="0.8"/>`,
    `<line x1="${x(min).toFixed(1)}" y1="${middle}" x2="${x(max).toFixed(1)}" y2="${middle}" stroke="#000"/>`,
    `<text x="${labelWidth + barWidth + 8}" y="${middle + 4}">${escapeXml(`${format(values, digits)} ${unit}, ${wanted}`)}</text>`,
  ].join("\n");
}
