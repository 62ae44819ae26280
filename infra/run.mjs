// Runs a command with our own Node.js, pnpm and dependencies in its PATH: `node infra/run.mjs pnpm add joi`.
import { spawnSync } from "node:child_process";
import { UserError } from "./lifecycle.mjs";
import { prepareTools } from "./toolchain.mjs";

try {
  const { env } = await prepareTools();
  const [program, ...args] = process.argv.slice(2);
  const { status, error } = spawnSync(program, args, { stdio: "inherit", env });
  if (error) throw new UserError(`${program}: ${error.message}`);
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
}
