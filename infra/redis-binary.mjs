import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "./lifecycle.mjs";
import { takeLock } from "./lock.mjs";
import { dataDir } from "./paths.mjs";
import { runCommand } from "./process.mjs";
import { unpackDebianRedis } from "./redis-debian.mjs";

/**
 * @typedef {object} RedisBinary
 * @property {string} program
 * @property {NodeJS.ProcessEnv} env
 */

const OLDEST = [6, 2];

/** How systems without Debian's packages install it. */
const INSTALLERS = [
  ["apk", "add", "redis"],
  ["dnf", "install", "-y", "redis"],
  ["dnf", "install", "-y", "valkey"],
  ["zypper", "--non-interactive", "install", "redis"],
  ["pacman", "-Sy", "--noconfirm", "valkey"],
];

/**
 * A Redis or Valkey server: the one in the PATH, else one unpacked from Debian's packages into the data folder (needs no
 * root, starts no service), else one that the system's package manager installs.
 * @returns {Promise<RedisBinary>}
 */
export async function findRedis() {
  const unpacked = join(dataDir, "redis-bin");
  const present = (await fromPath()) ?? (await fromUnpacked(unpacked));
  if (present !== undefined) return present;

  const lock = await takeLock(join(dataDir, "redis-bin.lock"), { waitMs: 300_000 });
  try {
    const failures = await unpackDebianRedis(unpacked);
    const found = (await fromUnpacked(unpacked)) ?? (await installAsRoot());
    if (found !== undefined) return found;
    throw new UserError(
      `No Redis was found and none could be installed.\nInstall redis-server or valkey-server ${OLDEST.join(".")} ` +
        `or later so that it is in the PATH, or set REDIS_URL to one that runs already.\n${failures}`,
    );
  } finally {
    if ("release" in lock) lock.release();
  }
}

async function fromPath() {
  for (const name of ["redis-server", "valkey-server"]) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const program = join(folder, name);
      if (existsSync(program) && (await isUsable(program, process.env))) return { program, env: process.env };
    }
  }
  return undefined;
}

async function fromUnpacked(folder) {
  const program = join(folder, "usr/bin/redis-server");
  if (!existsSync(program)) return undefined;
  const libraries = [join(folder, "usr/lib"), join(folder, "lib")]
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(":") };
  return (await isUsable(program, env)) ? { program, env } : undefined;
}

async function installAsRoot() {
  if (process.getuid?.() !== 0) return undefined;
  for (const command of INSTALLERS) {
    const { code } = await runCommand(command);
    const found = code === 0 ? await fromPath() : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

async function isUsable(program, env) {
  const { code, output } = await runCommand([program, "--version"], { env });
  const [, major, minor] = /\bv=(\d+)\.(\d+)/.exec(output)?.map(Number) ?? [];
  return code === 0 && (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]));
}
