// `pnpm load <name> [--url https://…] [-e RATE=500 …] [-- <arguments of k6>]`: runs one of the scripts in k6/ against a
// server, or against a gateway and a worker on databases of its own.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { findK6 } from "./k6-binary.mjs";
import { UserError, aborted, runToEnd } from "./lifecycle.mjs";
import { startLoadReceiver } from "./load-receiver.mjs";
import { startLoadStack } from "./load-stack.mjs";
import { takeLock } from "./lock.mjs";
import { dataDir, root } from "./paths.mjs";
import { terminate } from "./process.mjs";
import { prepareTools } from "./toolchain.mjs";

const folder = join(root, "k6");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".js"))
  .map((file) => file.slice(0, -".js".length));

await runToEnd(async ({ onStop, signal }) => {
  const { name, url, variables, k6Arguments } = readArguments(process.argv.slice(2));
  const k6 = await findK6();
  const baseUrl = url ?? (await startOwn(onStop, signal));
  const settings = { BASE_URL: baseUrl, SUMMARY: join(dataDir, "k6", `${name}.json`) };
  if (name === "end-to-end" && variables.RECEIVER_URL === undefined)
    settings.RECEIVER_URL = await startLoadReceiver(onStop);
  Object.assign(settings, variables);
  signal.throwIfAborted();

  mkdirSync(join(dataDir, "k6"), { recursive: true });
  const given = Object.entries(settings).flatMap(([variable, value]) => ["-e", `${variable}=${value}`]);
  const child = spawn(
    k6,
    [
      "run",
      ...(process.stdout.isTTY ? [] : ["--quiet"]),
      ...given,
      ...k6Arguments,
      join(folder, `${name}.js`),
    ],
    {
      stdio: "inherit",
      // Nothing is sent or fetched but the load itself.
      env: { ...process.env, K6_NO_USAGE_REPORT: "true", K6_AUTO_EXTENSION_RESOLUTION: "false" },
    },
  );
  onStop(() => terminate(child.pid, "SIGINT", 40_000));
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  const code = await Promise.race([ended, aborted(signal)]);
  if (existsSync(settings.SUMMARY)) console.log(`Summary: ${relative(process.cwd(), settings.SUMMARY)}`);
  return code;
});

function readArguments(args) {
  // `pnpm load smoke -- …` and `npm run load -- smoke …` both hand on what follows.
  const { values, positionals } = parseOrExplain(args[0] === "--" ? args.slice(1) : args);
  const [name, ...k6Arguments] = positionals;
  if (!names.includes(name))
    throw new UserError(
      `pnpm load <name> [--url https://…] [-e NAME=value …] [-- <arguments of k6>]\nScripts: ${names.join(", ")}`,
    );
  const variables = Object.fromEntries(
    values.env.map((text) => {
      const end = text.indexOf("=");
      if (end < 1) throw new UserError(`-e takes NAME=value, not ${text}.`);
      return [text.slice(0, end), text.slice(end + 1)];
    }),
  );
  return { name, url: values.url, variables, k6Arguments };
}

function parseOrExplain(args) {
  try {
    const options = {
      url: { type: "string" },
      env: { type: "string", short: "e", multiple: true, default: [] },
    };
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UserError(error.message);
  }
}

async function startOwn(onStop, signal) {
  const lock = await takeLock(join(dataDir, "load.lock"));
  if (!("release" in lock))
    throw new UserError(`A load test of this clone runs already, in process ${lock.ownerPid}.`);
  onStop(lock.release);
  const tools = await prepareTools({ signal });
  signal.throwIfAborted();
  console.log("Starting Postgres, Redis, the gateway and the worker …");
  return startLoadStack(tools, onStop);
}
