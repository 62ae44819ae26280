// `npm run bench -- --only S1,S2,S4 --runs 3 --connections 50 --quick --profile`
import { describeMachine, readDurability } from "./durability.ts";
import { measureBacklog } from "./drain-scenario.ts";
import { measureBesideFlood, measureBesideHanging } from "./fairness-scenarios.ts";
import { measureConcurrent, measureSequential } from "./ingest-scenarios.ts";
import { measureOddReceivers } from "./odd-receivers-scenario.ts";
import { parseOptions } from "./options.ts";
import { report } from "./report.ts";
import { eventBody } from "./sample-event.ts";
import { measureWipe } from "./wipe-scenario.ts";
import { openStack } from "./stack.ts";

const scenarios = {
  ...{ S1: measureSequential, S2: measureConcurrent, S4: measureBacklog },
  ...{ R5: measureWipe, R7: measureBesideHanging, R8: measureBesideFlood, R9: measureOddReceivers },
};

const options = parseOptions(process.argv.slice(2));
const stack = await openStack();
const circumstances = {
  ...describeMachine(),
  ...(await readDurability(stack)),
  runs: options.runs,
  event: `${Buffer.byteLength(eventBody())} bytes`,
};
for (const [name, value] of Object.entries(circumstances)) console.log(`${name}: ${value}`);
console.log("Each figure is the median of the runs, with the lowest and the highest beside it.");
for (const name of options.scenarios) report(await scenarios[name](stack, options), circumstances);
stack.close();
