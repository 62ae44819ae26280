import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { UserError } from "./lifecycle.mjs";
import { takeLock } from "./lock.mjs";
import { dataDir, root } from "./paths.mjs";
import { runCommand } from "./process.mjs";

const NODE_VERSION = "24.21.0";
const NODE_MAJOR_NEEDED = 24;

/**
 * Brings Node.js, pnpm and the dependencies, each only when it is missing or another version.
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<{node: string, env: NodeJS.ProcessEnv}>} the path of Node.js, and an environment whose PATH finds
 *   it, pnpm and the commands of the dependencies
 */
export async function prepareTools({ signal } = {}) {
  const lock = await takeLock(join(dataDir, "toolchain.lock"), { waitMs: 600_000 });
  if (!("release" in lock))
    throw new UserError(`Process ${lock.ownerPid} is installing the dependencies for too long.`);
  try {
    const node = await findNode(signal);
    const pnpm = await installTool("pnpm", pnpmVersion(), signal);
    const bins = [dirname(node), join(pnpm, "node_modules/.bin"), join(root, "node_modules/.bin")];
    const env = {
      ...process.env,
      PATH: [...bins, process.env.PATH].join(delimiter),
      TURBO_TELEMETRY_DISABLED: "1",
    };
    await installDependencies([node, join(pnpm, "node_modules/pnpm/bin/pnpm.mjs")], env, signal);
    return { node, env };
  } finally {
    lock.release();
  }
}

/** From `"packageManager": "pnpm@12.21.0"`, which turbo needs too. */
function pnpmVersion() {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager.split("@")[1];
}

async function findNode(signal) {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_NEEDED) return process.execPath;
  // The platform's package, not `node` itself: that one downloads with an install script, which npm may be told not to run.
  const name = `node-${process.platform}-${process.arch}`;
  return join(await installTool(name, NODE_VERSION, signal), "node_modules", name, "bin/node");
}

/** The finished folder appears by a rename, so an interrupted installation leaves nothing that looks finished. */
async function installTool(name, version, signal) {
  const folder = join(dataDir, "tools", `${name}-${version}`);
  if (existsSync(folder)) return folder;
  console.log(`Installing ${name} ${version} …`);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "package.json"), "{}");
  const flags = [
    "--ignore-scripts",
    "--include=optional",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--loglevel=error",
  ];
  await mustRun(["npm", "install", ...flags, `${name}@${version}`], {
    cwd: unfinished,
    env: npmEnvironment(),
    signal,
  });
  // What pnpm's own install script does: without it `pnpm` is a file that a shell can run, but not turbo.
  const setup = join(unfinished, "node_modules/pnpm/install.js");
  if (existsSync(setup))
    await mustRun([process.execPath, setup], { cwd: unfinished, env: npmEnvironment(), signal });
  renameSync(unfinished, folder);
  return folder;
}

/** Without what `npm run` adds: its `npm_config_local_prefix` would send the installation to the repository's root. */
function npmEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(local_)?prefix|config_global|package|lifecycle|command)/.test(name),
    ),
  );
}

async function installDependencies(pnpm, env, signal) {
  const stamp = join(dataDir, "installed");
  const wanted = dependencyHash();
  const isInstalled = existsSync(join(root, "node_modules/.modules.yaml"));
  if (isInstalled && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("Installing the dependencies …");
  rmSync(stamp, { force: true });
  // CI=true: never ask a question, not even before a broken node_modules is replaced.
  await mustRun([...pnpm, "install", "--frozen-lockfile", "--reporter=append-only"], {
    cwd: root,
    env: { ...env, CI: "true" },
    signal,
  });
  writeFileSync(stamp, wanted);
}

function dependencyHash() {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests()]) {
    if (existsSync(join(root, file))) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

function manifests() {
  const parents = [".", "apps", "packages"].filter((parent) => existsSync(join(root, parent)));
  const folders = parents.flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  );
  return ["package.json", ...folders.sort().map((folder) => join(folder, "package.json"))];
}

async function mustRun(command, options) {
  const { code, output } = await runCommand(command, options);
  if (code !== 0) throw new UserError(`This failed (${code}): ${command.join(" ")}\n${output}`);
}
