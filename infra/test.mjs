// `npm test`: lint, types, import boundaries, then every test on databases of its own, then `chaos --quick`.
// `npm test -- apps/worker` runs only the tests that Jest finds by these arguments. The last line counts the checks and tests.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { aborted, runToEnd } from "./lifecycle.mjs";
import { dataDir, root } from "./paths.mjs";
import { terminate } from "./process.mjs";
import { startTestStack } from "./test-stack.mjs";
import { prepareTools } from "./toolchain.mjs";

const CHECKS = ["lint", "types", "boundaries"];
const INTERRUPTED = 130;

const count = { passed: 0, failed: 0 };
const jestArgs = process.argv.slice(2);

await runToEnd(
  async ({ onStop, signal }) => {
    // First opened, so last closed: this line ends the output, whatever happens.
    onStop(() => console.log(`${count.passed} passed, ${count.failed} failed`));
    count.failed = 1; // until Jest has said how many
    const tools = await timed("tools", () => prepareTools({ signal }));
    let failedChecks = 0;
    for (const name of jestArgs.length === 0 ? CHECKS : []) {
      const { [name]: script } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;
      const isGood = await timed(name, () => passes(["sh", "-c", script], tools.env, signal));
      if (isGood) count.passed += 1;
      else failedChecks += 1;
      signal.throwIfAborted();
    }
    count.failed = failedChecks + 1;

    const settings = await timed("databases", () => startTestStack(tools, onStop));
    signal.throwIfAborted();
    const jest = await timed("tests", () => runJest(tools, settings, onStop, signal));
    count.passed += jest.passed;
    // After the tests, so that what is killed here has the machine to itself.
    for (const name of jestArgs.length === 0 ? ["chaos --quick"] : []) {
      signal.throwIfAborted();
      const command = [tools.node, join(root, "infra/chaos.mjs"), "--quick"];
      const isGood = await timed(name, () => passes(command, tools.env, signal));
      if (isGood) count.passed += 1;
      else failedChecks += 1;
    }
    count.failed = failedChecks + jest.failed;
    return count.failed === 0 ? 0 : 1;
  },
  { interruptedCode: INTERRUPTED },
);

async function runJest({ node, env }, settings, onStop, signal) {
  const resultFile = join(dataDir, `jest-${process.pid}.json`);
  onStop(() => rmSync(resultFile, { force: true }));
  mkdirSync(dataDir, { recursive: true });
  const command = [
    node,
    join(root, "node_modules/jest/bin/jest.js"),
    "--json",
    `--outputFile=${resultFile}`,
    ...jestArgs,
  ];
  const nodeOptions = [
    env.NODE_OPTIONS,
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
  ];
  const jestEnv = { ...env, ...settings, NODE_OPTIONS: nodeOptions.filter(Boolean).join(" ") };
  const isGood = await passes(command, jestEnv, signal);

  if (!existsSync(resultFile)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(resultFile, "utf8"));
  // A file that could not even be loaded has no tests that could fail.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed: isGood ? failed : Math.max(failed, 1) };
}

/** Runs a command with its output on the terminal. */
async function passes([program, ...args], env, signal) {
  const child = spawn(program, args, { cwd: root, env, stdio: ["inherit", "inherit", "inherit"] });
  const ended = new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
  const isGood = await Promise.race([ended, aborted(signal)]);
  if (isGood === undefined) await terminate(child.pid, "SIGTERM", 10_000);
  return isGood === true;
}

async function timed(name, run) {
  const begun = Date.now();
  console.log(`\n── ${name}`);
  const result = await run();
  console.log(
    `── ${name}: ${result === false ? "FAILED, " : ""}${((Date.now() - begun) / 1000).toFixed(1)} s`,
  );
  return result;
}
