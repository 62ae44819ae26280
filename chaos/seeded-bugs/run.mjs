// `node chaos/seeded-bugs/run.mjs [name …]`: shows that the harness can see a loss. Each bug is put into a copy of the
// repository, in which the scenario that must report it runs. Fails when one goes unnoticed.
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { dataDir, root } from "../../infra/paths.mjs";
import { prepareTools } from "../../infra/toolchain.mjs";
import { bugs } from "./bugs.mjs";

const tools = await prepareTools();
const wanted = process.argv.slice(2);
const reports = [];
for (const bug of bugs.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.log(`\n── ${bug.name}: ${bug.what}`);
  const copy = makeCopy(bug);
  const output = await runChaos(copy, bug.args);
  rmSync(copy, { recursive: true, force: true });
  const row =
    output.split("\n").find((line) => /^\| (R\d+|QUICK) /.test(line)) ?? "(no row: it ended before)";
  const losses = output
    .split("\n")
    .filter((line) => /^ {2}NOT (nothing|the list reader|no contradiction)/.test(line));
  const isSeen =
    bug.seenBy === undefined ? losses.length > 0 : losses.some((line) => line.includes(bug.seenBy));
  const isRight = isSeen === (bug.seenBy !== undefined);
  reports.push(
    [
      `${isRight ? "ok " : "NOT"} ${bug.name} is ${isSeen ? "reported" : "not seen"}`,
      `    ${row}`,
      ...losses,
    ].join("\n"),
  );
}
console.log(`\n${reports.join("\n")}`);
process.exit(reports.every((report) => report.startsWith("ok")) ? 0 : 1);

/** Sources are copied, dependencies are linked: the links between our own packages are relative, so they stay in the copy. */
function makeCopy({ name, edits }) {
  const copy = join(dataDir, "chaos/seeded-bugs", name);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  const left = new Set([".data", ".git", "node_modules"].map((folder) => join(root, folder)));
  for (const entry of readdirSync(root)) {
    const source = join(root, entry);
    if (left.has(source)) continue;
    cpSync(source, join(copy, basename(source)), { recursive: true, verbatimSymlinks: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, ".data"));
  const redis = join(dataDir, "redis-bin");
  if (existsSync(redis)) symlinkSync(redis, join(copy, ".data/redis-bin"));
  for (const { file, from, to } of edits) {
    const path = join(copy, file);
    const parts = readFileSync(path, "utf8").split(from);
    if (parts.length !== 2) throw new Error(`${name} does not fit ${file} any more: ${from}`);
    writeFileSync(path, parts.join(to));
  }
  return copy;
}

function runChaos(copy, args) {
  const command = [join(copy, "chaos/src/main.ts"), "--quick", "--seed", "1", "--rate", "100", ...args];
  const child = spawn(tools.node, command, {
    env: tools.env,
    cwd: copy,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve) => child.once("exit", () => resolve(output)));
}
