import { describeSummary } from "./describe-summary.js";
import { settings } from "./settings.js";

/**
 * `handleSummary` of a script: text for people on the terminal, and JSON for machines in the file that SUMMARY names.
 * @param {string} script its name
 * @param {(metrics: object) => {lines: string[], facts: object}} [conclude] what this script's figures mean
 */
export function summaryOf(script, conclude = () => ({ lines: [], facts: {} })) {
  return (data) => {
    const { lines, facts } = conclude(data.metrics);
    const { text, thresholds, isPassed } = describeSummary(data, `${script}, tier ${settings.tier}`, lines);
    if (!settings.summaryFile) return { stdout: text };
    const record = {
      script,
      tier: settings.tier,
      base_url: settings.baseUrl,
      duration_ms: Math.round(data.state.testRunDurationMs),
      passed: isPassed,
      thresholds,
      ...facts,
      metrics: data.metrics,
    };
    return { stdout: text, [settings.summaryFile]: `${JSON.stringify(record, null, 2)}\n` };
  };
}
