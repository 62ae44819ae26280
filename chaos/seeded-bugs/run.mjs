// `npm run chaos -- --seeded [name …]`: shows that the harness can see a loss. Each bug is put into a copy of the
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
const named = process.argv.slice(2);
const rows = [
  ["seeded bug", "what is wrong", "scenario", "acknowledged", "lost", "reported as", "as expected"],
];
for (const bug of bugs.filter(({ name }) => named.length === 0 || named.includes(name))) {
  console.log(`\n── ${bug.name}: ${bug.what}`);
  const copy = makeCopy(bug);
  await runChaos(copy, bug.args);
  const { scenario, acknowledged, lost, checks } = readResult(copy);
  rmSync(copy, { recursive: true, force: true });
  const wanted = bug.seenBy ?? "nothing is lost";
  const found = checks.find(({ what, isMet }) => what === wanted && !isMet);
  const isRight = (found !== undefined) === (bug.seenBy !== undefined);
  rows.push([
    ...[bug.name, bug.what, scenario, String(acknowledged), String(lost)],
    found ? `NOT ${found.what}` : "nothing",
    isRight ? "yes" : "NO",
  ]);
}
const rule = rows[0].map(() => "---");
console.log(`\n${[rows[0], rule, ...rows.slice(1)].map((row) => `| ${row.join(" | ")} |`).join("\n")}`);
process.exit(rows.slice(1).every((row) => row.at(-1) === "yes") ? 0 : 1);

function readResult(copy) {
  const file = join(copy, ".data/chaos/results.json");
  const none = { scenario: "–", acknowledged: 0, lost: 0, checks: [] };
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).results[0] : none;
}

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
  const child = spawn(tools.node, command, { env: tools.env, cwd: copy, stdio: "inherit" });
  return new Promise((resolve) => child.once("exit", resolve));
}
