// `pnpm bench --only S1,S2 --runs 3 --quick`, or `pnpm bench compare --target name=URL …`
import { measureCeiling } from "./ceiling.ts";
import { compareServers } from "./compare/compare-servers.ts";
import { describeMachine, readDurability } from "./durability.ts";
import { endChildren } from "./end-children.ts";
import { parseOptions } from "./options.ts";
import { reportAll, reportScenario } from "./report.ts";
import { eventBody } from "./sample-event.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import { openStack } from "./stack.ts";

const args = process.argv.slice(process.argv[2] === "--" ? 3 : 2);
if (args[0] === "compare") await compareServers(args.slice(1));
else await runScenarios();

async function runScenarios(): Promise<void> {
  const options = parseOptions(args, Object.keys(scenarios));
  const stack = await openStack();
  const circumstances = {
    ...describeMachine(),
    ...(await readDurability(stack)),
    "load generator": await measureCeiling(),
    runs: options.runs,
    event: `${Buffer.byteLength(eventBody())} bytes`,
  };
  for (const [name, value] of Object.entries(circumstances)) console.log(`${name}: ${value}`);
  console.log("Each figure is the median of the runs, with the lowest and the highest beside it.");
  const results = new Map<string, Scenario | Error>();
  for (const name of options.scenarios) {
    try {
      const measure = await scenarios[name]?.();
      if (measure === undefined) continue;
      const scenario = await measure(stack, options);
      results.set(name, scenario);
      reportScenario(name, scenario, circumstances);
    } catch (error) {
      // The others still say something; the exit code says that something is wrong.
      results.set(name, error as Error);
      console.error(`\n${name} FAILED:`, error);
      process.exitCode = 1;
      endChildren();
    }
  }
  reportAll(results, circumstances);
  stack.close();
}
