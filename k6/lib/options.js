import { settings } from "./settings.js";

/** What all scripts have in common, around their own scenarios and thresholds. */
export function optionsWith(scenarios, thresholds) {
  return {
    scenarios,
    thresholds,
    tags: { tier: settings.tier },
    summaryTrendStats: ["count", "med", "p(95)", "p(99)", "p(99.9)", "max"],
    setupTimeout: "30s",
  };
}
