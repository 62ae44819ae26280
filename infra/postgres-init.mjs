import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./process.mjs";

/** @typedef {import("./postgres-user.mjs").PostgresHome} PostgresHome */

/** Only with a password, even from this machine: other users share its loopback address. */
const ACCESS_RULES = "host all all 127.0.0.1/32 scram-sha-256\n";

/**
 * Makes the database files, once; the finished folder appears by a rename.
 * @param {PostgresHome} home
 * @param {string} password of the superuser `postgres`
 * @param {string[]} databases
 */
export async function makeCluster({ bin, cluster, prefix, user }, password, databases) {
  if (existsSync(cluster)) return;
  const unfinished = `${cluster}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });

  const options = [
    "--no-locale",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--sync-method=syncfs",
  ];
  await mustRun(
    [...prefix, join(bin, "initdb"), "-D", unfinished, "-U", "postgres", "--auth=trust", ...options],
    { ...user },
  );
  // Single-user mode reads one statement per line from its input, so nothing listens before the password is set,
  // and the password appears in no file and no process list.
  const statements = [
    `ALTER ROLE postgres PASSWORD '${password}'`,
    ...databases.map((name) => `CREATE DATABASE "${name}"`),
  ];
  const single = [...prefix, join(bin, "postgres"), "--single", "-D", unfinished, "postgres"];
  const output = await mustRun(single, { ...user, input: `${statements.join(";\n")};\n` });
  if (/^.*(ERROR|FATAL):/m.test(output)) throw new Error(`Postgres could not be set up:\n${output}`);
  writeFileSync(join(unfinished, "pg_hba.conf"), ACCESS_RULES);
  renameSync(unfinished, cluster);
}

async function mustRun(command, options) {
  const { code, output } = await runCommand(command, { cwd: "/", ...options });
  if (code !== 0) throw new Error(`This failed (${code}): ${command.join(" ")}\n${output}`);
  return output;
}
