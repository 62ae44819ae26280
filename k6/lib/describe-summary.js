// Nothing of k6 in here, so that it can be tested without it.

/** What nobody reads: the parts of a request's duration, and k6's own bookkeeping. */
const isNoise = (name) =>
  /^(http_req_(blocked|connecting|tls|sending|waiting|receiving)|group_duration|vus|data_)/.test(name);

const trendStats = ["med", "p(95)", "p(99)", "p(99.9)", "max"];

/**
 * The summary as text, and the thresholds as a list.
 * @param {{metrics: object, state: {testRunDurationMs: number}}} data what k6 gives to `handleSummary`
 * @param {string} title
 * @param {string[]} conclusions further lines
 */
export function describeSummary(data, title, conclusions = []) {
  const metrics = Object.entries(data.metrics).sort(([a], [b]) => (a < b ? -1 : 1));
  const thresholds = metrics.flatMap(([metric, { thresholds: ofMetric = {}, values }]) =>
    Object.entries(ofMetric)
      .filter(([condition]) => condition !== recorded && condition !== recordedCount)
      .map(([condition, { ok }]) => ({ metric, condition, ok, value: valueOf(condition, values) })),
  );
  const isPassed = thresholds.every(({ ok }) => ok);
  const shown = metrics.filter(([name]) => !isNoise(name));
  const text = [
    "",
    `${isPassed ? "✓" : "✗"} ${title}: ${(data.state.testRunDurationMs / 1_000).toFixed(1)} s`,
    "",
    ...align(thresholds.map((t) => [`  ${t.ok ? "✓" : "✗"} ${t.metric}`, t.condition, format(t.value)])),
    "",
    ...align([
      ["  milliseconds", "count", ...trendStats],
      ...shown.filter(([, { type }]) => type === "trend").map(([name, { values }]) => trendRow(name, values)),
    ]),
    "",
    ...align(
      shown.filter(([, { type }]) => type !== "trend").map(([name, metric]) => [`  ${name}`, plain(metric)]),
    ),
    ...failedChecks(data.root_group),
    ...(conclusions.length === 0 ? [] : ["", ...conclusions.map((line) => `  ${line}`)]),
    "",
  ];
  return { text: `${text.join("\n")}\n`, thresholds, isPassed };
}

/** Thresholds that always hold: k6 keeps figures of a part (by tag) only where one asks for them. */
export const recorded = "max>=0";
export const recordedCount = "count>=0";

function failedChecks({ checks = [] } = {}) {
  const failed = checks.filter(({ fails }) => fails > 0);
  const lines = failed.map(
    ({ name, passes, fails }) => `  ✗ ${name}: failed ${fails} of ${passes + fails} times`,
  );
  return lines.length === 0 ? [] : ["", ...lines];
}

function valueOf(condition, values) {
  return values[/^[^<>=!]+/.exec(condition)[0].trim()];
}

function trendRow(name, values) {
  return [`  ${name}`, String(values.count), ...trendStats.map((stat) => format(values[stat]))];
}

function plain({ type, values }) {
  if (type === "counter") return `${values.count} (${format(values.rate)}/s)`;
  if (type === "rate")
    return `${(values.rate * 100).toFixed(2)} % (${values.passes} of ${values.passes + values.fails})`;
  return `${format(values.value)} (${format(values.min)}..${format(values.max)})`;
}

function format(value) {
  if (value === undefined || value === null) return "–";
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function align(rows) {
  const widths = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] || 0, cell.length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "),
  );
}
