import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./process.mjs";

/**
 * Downloads redis-tools and the libraries that it lacks here with apt, and unpacks them. (The server is in redis-tools,
 * under another name; the package redis-server would add a system service.) apt keeps its lists and its cache in our
 * folder, so it works without root, on an image whose lists were deleted, and without a trace in the system.
 * @param {string} folder
 * @returns {Promise<string>} why it failed; empty when it did not
 */
export async function unpackDebianRedis(folder) {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const archives = join(unfinished, "cache/archives");
  for (const path of ["lists/partial", "cache/archives/partial", "state", "root"]) {
    mkdirSync(join(unfinished, path), { recursive: true });
  }
  const config = join(unfinished, "apt.conf");
  writeFileSync(config, aptConfig(unfinished));

  console.log("Downloading Redis from Debian's packages …");
  const apt = ["apt-get", "-c", config, "-q", "-y"];
  const commands = [
    [...apt, "update"],
    [...apt, "--no-install-recommends", "--reinstall", "--download-only", "install", "redis-tools"],
  ];
  for (const command of commands) {
    const failure = await run(command);
    if (failure !== "") return failure;
  }
  const root = join(unfinished, "root");
  for (const archive of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    const failure = await run(["dpkg", "-x", join(archives, archive), root]);
    if (failure !== "") return failure;
  }
  const server = join(root, "usr/bin/redis-server");
  // One program that looks at its own name.
  if (!existsSync(server)) symlinkSync("redis-check-rdb", server);
  rmSync(folder, { recursive: true, force: true });
  renameSync(root, folder);
  rmSync(unfinished, { recursive: true, force: true });
  return "";
}

function aptConfig(folder) {
  return `
#clear APT::Update;
#clear DPkg::Post-Invoke;
Dir::State "${folder}/state";
Dir::State::lists "${folder}/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "${folder}/cache";
Acquire::Languages "none";
Acquire::Retries "3";
// No system lock is needed for a download, and without root none can be had.
Debug::NoLocking "true";
${process.getuid?.() === 0 ? '// The user _apt cannot enter a folder that only root can.\nAPT::Sandbox::User "root";' : ""}
`;
}

async function run(command) {
  const { code, output } = await runCommand(command, {
    env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
  });
  return code === 0 ? "" : `${command.join(" ")}\n${output}`;
}
