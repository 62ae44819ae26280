import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "./lifecycle.mjs";
import { dataDir } from "./paths.mjs";
import { runCommand } from "./process.mjs";

const VERSION = "v2.2.0";
const MODULE = "go.k6.io/k6/v2";

const HOW_TO_GET_IT = `k6 was not found, and it could not be built.
  With Go 1.25 or later: go install ${MODULE}@${VERSION}, and put $(go env GOPATH)/bin into the PATH.
  It also comes as a package of many systems and as a container image: see the documentation of k6.`;

/**
 * The k6 of the PATH; else one that Go builds into the data folder, which takes some minutes once.
 * @returns {Promise<string>} the program
 */
export async function findK6() {
  const own = join(dataDir, "tools", `k6-${VERSION}`, "k6");
  for (const program of [fromPath("k6"), own]) {
    if (program !== undefined && existsSync(program)) return program;
  }
  if (fromPath("go") === undefined) throw new UserError(HOW_TO_GET_IT);
  console.log(`Building k6 ${VERSION} with Go, once: this takes some minutes …`);
  await build(own);
  return own;
}

/**
 * As `go install` would, but in a module of its own: `go install` also asks for the list of all versions, which not
 * every module proxy has.
 */
async function build(program) {
  const folder = join(program, "..");
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "go.mod"), `module build\n\nrequire ${MODULE} ${VERSION}\n`);
  const command = ["go", "build", "-mod=mod", "-buildvcs=false", "-o", "k6", MODULE];
  const { code, output } = await runCommand(command, { cwd: unfinished });
  if (code !== 0) throw new UserError(`${HOW_TO_GET_IT}\n\n${command.join(" ")}\n${output}`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

function fromPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
