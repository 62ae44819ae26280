// `npm run bench -- --only S1,S2,S4,W1,INBOX --runs 3 --connections 50 --quick --profile`
import { describeMachine, readDurability } from "./durability.ts";
import { measureBacklog } from "./drain-scenario.ts";
import { measureInbox } from "./inbox-scenario.ts";
import { measureConcurrent, measureSequential } from "./ingest-scenarios.ts";
import { parseOptions } from "./options.ts";
import { report } from "./report.ts";
import { eventBody } from "./sample-event.ts";
import { openStack } from "./stack.ts";
import { measureWaiting } from "./waiting-scenario.ts";

const scenarios = {
  S1: measureSequential,
  S2: measureConcurrent,
  S4: measureBacklog,
  W1: measureWaiting,
  INBOX: measureInbox,
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
