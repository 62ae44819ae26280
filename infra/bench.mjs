// `pnpm bench`: measures gateway and worker on databases of its own. `pnpm bench --only S1,S2 --runs 3 --quick`.
// `pnpm bench compare --target name=URL …`: ranks servers that run already, and needs no databases.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { aborted, runToEnd } from "./lifecycle.mjs";
import { root } from "./paths.mjs";
import { terminate } from "./process.mjs";
import { startTestStack } from "./test-stack.mjs";
import { prepareTools } from "./toolchain.mjs";

await runToEnd(async ({ onStop, signal }) => {
  const tools = await prepareTools({ signal });
  const isComparison = process.argv.slice(2).find((arg) => arg !== "--") === "compare";
  const settings = isComparison ? {} : await startTestStack(tools, onStop);
  signal.throwIfAborted();
  const bench = spawn(tools.node, [join(root, "bench/src/main.ts"), ...process.argv.slice(2)], {
    cwd: root,
    env: { ...tools.env, ...settings },
    stdio: "inherit",
  });
  const ended = new Promise((resolve) => bench.once("exit", (code) => resolve(code ?? 1)));
  onStop(() => terminate(bench.pid, "SIGTERM", 10_000));
  return Promise.race([ended, aborted(signal)]);
});
