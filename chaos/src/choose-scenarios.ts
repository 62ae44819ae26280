import type { ChaosOptions } from "./options.ts";
import type { Scenario } from "./scenario.ts";
import { quickScenarios, scenarios } from "./scenarios.ts";

export function chooseScenarios({ only, isQuick }: ChaosOptions): readonly Scenario[] {
  if (only === undefined) return isQuick ? quickScenarios : scenarios;
  return only.map((name) => {
    const found = [...scenarios, ...quickScenarios].find((scenario) => scenario.name === name);
    if (found) return found;
    throw new Error(
      `There is no scenario ${name}; there are ${scenarios.map((one) => one.name).join(", ")}.`,
    );
  });
}
