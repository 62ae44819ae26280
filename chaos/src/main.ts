// `npm run chaos -- --only R2,R3 --seed 7 --runs 3 --quick`
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chooseScenarios } from "./choose-scenarios.ts";
import { parseOptions } from "./options.ts";
import { createRandom } from "./random.ts";
import { formatChecks, formatResults, isMet, type Result, writeResults } from "./report.ts";
import { brokenRow, type Row, type Scenario } from "./scenario.ts";
import type { EventSystem } from "./system.ts";
import { startTriggers } from "./triggers/start-triggers.ts";
import type { World } from "./world.ts";

const options = parseOptions(process.argv.slice(2));
const chosen = chooseScenarios(options);
const outputFolder = fileURLToPath(new URL("../../.data/chaos", import.meta.url));
const runFolder = process.env.CHAOS_FOLDER ?? join(outputFolder, String(process.pid));
const open = new Set<EventSystem>();

// A run that is cut short leaves no process behind.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void Promise.all([...open].map((system) => system.stop())).finally(() => process.exit(130));
  });
}

const results: Result[] = [];
for (let run = 0; run < options.runs; run += 1) {
  for (const scenario of chosen) {
    const seed = options.seed + run;
    const row = await runScenario(scenario, seed);
    results.push({ scenario, seed, row });
    console.log(formatChecks({ scenario, seed, row }));
  }
}
rmSync(runFolder, { recursive: true, force: true });
writeResults(outputFolder, results);
console.log(`\n${formatResults(results)}\n`);
process.exit(results.every(isMet) ? 0 : 1);

async function runScenario(scenario: Scenario, seed: number): Promise<Row> {
  const begunAt = performance.now();
  const say = (line: string) =>
    console.log(
      `${((performance.now() - begunAt) / 1000).toFixed(1).padStart(6)} s  ${scenario.name}  ${line}`,
    );
  say(scenario.title);
  const folder = join(runFolder, scenario.name);
  const logs = join(outputFolder, "logs", scenario.name);
  rmSync(logs, { recursive: true, force: true });
  const world: World = {
    ...{ seed, folder, say, rate: options.rate, isQuick: options.isQuick, slack: options.slack },
    random: createRandom(seed),
    async startSystem(systemOptions) {
      const system = await startTriggers({ data: folder, logs }, systemOptions);
      open.add(system);
      return system;
    },
  };
  const row = await scenario.run(world).catch((error: unknown) => brokenRow(error));
  open.clear();
  rmSync(folder, { recursive: true, force: true });
  say("done");
  return row;
}
