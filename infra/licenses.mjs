// `npm run licenses`: lists the licences of all dependencies, and fails on one that nobody has agreed to.
import { spawnSync } from "node:child_process";
import { UserError } from "./lifecycle.mjs";
import { root } from "./paths.mjs";
import { prepareTools } from "./toolchain.mjs";

/** Permissive ones, whose only duty is to be named. */
const allowed = [
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
];
/** Of tools that we run and do not ship. */
const allowedForTools = [...allowed, "CC-BY-4.0", "Python-2.0"];

/** Of "A OR B" one is enough, of "A AND B" both are needed. */
const isAllowed = (expression, list) =>
  expression
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((part) => part.split(" AND ").every((name) => list.includes(name.trim())));

const { env } = await prepareTools();
let refused = 0;
for (const [title, flag, list] of [
  ["shipped", "--prod", allowed],
  ["tools", "--dev", allowedForTools],
]) {
  const { stdout, status } = spawnSync("pnpm", ["--recursive", "licenses", "list", "--json", flag], {
    cwd: root,
    env,
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
  });
  if (status !== 0) throw new UserError(`pnpm cannot list the licences:\n${stdout}`);
  for (const [license, packages] of Object.entries(JSON.parse(stdout)).sort()) {
    const isGood = isAllowed(license, list);
    if (!isGood) refused += packages.length;
    const names = isGood ? "" : `: ${packages.map(({ name }) => name).join(", ")}`;
    console.log(`${isGood ? "     " : "NOT  "}${title}  ${license}  ${packages.length}${names}`);
  }
}
console.log(
  refused === 0 ? "All licences are allowed." : `${refused} packages have a licence that is not allowed.`,
);
process.exitCode = refused === 0 ? 0 : 1;
