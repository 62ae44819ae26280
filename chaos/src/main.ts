// `npm run chaos -- --only R2,R3 --seed 7 --runs 3 --quick --out table.md`
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chooseScenarios } from "./choose-scenarios.ts";
import { parseOptions } from "./options.ts";
import { createRandom } from "./random.ts";
import { formatChecks, formatResults, isGood, type Result, writeResults } from "./report.ts";
import { brokenRow, notRunRow, type Row, type Scenario } from "./scenario.ts";
import type { EventSystem } from "./system.ts";
import { systems } from "./systems.ts";
import type { World } from "./world.ts";

const args = process.argv.slice(2);
const options = parseOptions(args);
const chosen = chooseScenarios(options);
const underTest = systems[options.system];
if (!underTest)
  throw new Error(`There is no system ${options.system}; there are ${Object.keys(systems).join(", ")}.`);
const { roles, start } = underTest;
const outputFolder = fileURLToPath(new URL("../../.data/chaos", import.meta.url));
const runFolder = process.env.CHAOS_FOLDER ?? join(outputFolder, String(process.pid));
const open = new Set<EventSystem>();

// A run that is cut short leaves no process behind.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void Promise.all([...open].map((system) => system.stop())).finally(() => process.exit(130));
  });
}

const command = ["npm run chaos --", ...args].join(" ");
const results: Result[] = [];
for (let run = 0; run < options.runs; run += 1) {
  for (const scenario of chosen) {
    const begunAt = performance.now();
    const seed = options.seed + run;
    const row = await runScenario(scenario, seed);
    const result = { scenario, seed, row, tookMs: performance.now() - begunAt };
    results.push(result);
    console.log(formatChecks(result));
    // Each at once: a run that is cut short has its rows all the same.
    for (const file of [join(outputFolder, "results.json"), ...(options.out ? [options.out] : [])])
      writeResults(file, command, results);
  }
}
rmSync(runFolder, { recursive: true, force: true });
console.log(`\n${formatResults(results)}\n`);
process.exit(isGood(results) ? 0 : 1);

async function runScenario(scenario: Scenario, seed: number): Promise<Row> {
  const begunAt = performance.now();
  const say = (line: string) =>
    console.log(
      `${((performance.now() - begunAt) / 1000).toFixed(1).padStart(6)} s  ${scenario.name}  ${line}`,
    );
  say(scenario.title);
  const obstacle = obstacleTo(scenario);
  if (obstacle !== undefined) return notRunRow(obstacle);
  const folder = join(runFolder, scenario.name);
  const logs = join(outputFolder, "logs", scenario.name);
  rmSync(logs, { recursive: true, force: true });
  const world: World = {
    ...{ seed, folder, say, rate: options.rate, isQuick: options.isQuick, slack: options.slack },
    random: createRandom(seed),
    async startSystem(systemOptions) {
      const system = await start({ data: folder, logs }, systemOptions);
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

function obstacleTo({ roles: needed, obstacle }: Scenario): string | undefined {
  const missing = needed.filter((role) => !roles.includes(role));
  return missing.length > 0 ? `${options.system} has no ${missing.join(", no ")}` : obstacle?.();
}
