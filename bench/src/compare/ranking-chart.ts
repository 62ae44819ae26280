import { escapeXml } from "../escape-xml.ts";
import { format, summarize } from "../statistics.ts";

const rowHeight = 30;
const labelWidth = 280;
const barWidth = 420;

/** A bar chart as SVG; a thin line shows the spread. */
export function drawRanking(
  bars: readonly { name: string; values: readonly number[] }[],
  title: string,
): string {
  const most = Math.max(...bars.flatMap(({ values }) => values));
  const x = (value: number) => (labelWidth + (value / most) * barWidth).toFixed(1);
  const rows = bars.map(({ name, values }, index) => {
    const { median, min, max } = summarize(values);
    const y = 40 + index * rowHeight;
    const middle = y + rowHeight / 2;
    return [
      `<text x="${labelWidth - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(name)}</text>`,
      `<rect x="${labelWidth}" y="${y + 4}" width="${((median / most) * barWidth).toFixed(1)}" height="${rowHeight - 8}" fill="#33658a"/>`,
      `<line x1="${x(min)}" y1="${middle}" x2="${x(max)}" y2="${middle}" stroke="#000"/>`,
      `<text x="${labelWidth + barWidth + 8}" y="${middle + 4}">${format(values, 0)}</text>`,
    ].join("\n");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${labelWidth + barWidth + 220}" height="${50 + bars.length * rowHeight}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${labelWidth}" y="22">${escapeXml(title)}</text>
${rows.join("\n")}
</svg>
`;
}
