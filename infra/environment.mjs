import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataDir } from "./paths.mjs";
import { freePort } from "./ports.mjs";
import { ownSecret } from "./secret.mjs";

/** Made once, then kept: without the key nobody can read the endpoints' secrets again. */
export const secretFiles = {
  secretKeys: join(dataDir, "secret-keys"),
  adminToken: join(dataDir, "admin-token"),
};

/** The addresses of a running `npm run stack` or `npm run dev`, for `turbo dev` and `npm run migrate` by hand. */
export const envFile = join(dataDir, "env");

/**
 * The settings of gateway and worker for development. What is set already wins.
 * @param {{databaseUrl: string, redisUrl: string}} databases
 * @returns {Promise<Record<string, string>>}
 */
export async function appSettings({ databaseUrl, redisUrl }) {
  const defaults = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    // Signup is open, so nobody outside this machine may reach it.
    HOST: "127.0.0.1",
    PORT: "3000",
    WORKER_PORT: process.env.WORKER_PORT ?? String(await freePort(3001)),
    SIGNUP: "open",
    SIGNUP_LIMIT_PER_MINUTE: "600",
    // A receiver on this machine is what one tries first.
    WEBHOOK_ALLOWED_CIDRS: "127.0.0.0/8,::1/128",
    CORS_ALLOWED_ORIGINS: "*",
    SECRET_KEYS: ownSecret(secretFiles.secretKeys, () => randomBytes(32).toString("base64")),
    ADMIN_TOKEN: ownSecret(secretFiles.adminToken),
    // bcrypt shares this pool with DNS and files.
    UV_THREADPOOL_SIZE: "8",
  };
  const chosen = Object.keys(defaults).filter(
    (name) => process.env[name] !== undefined && process.env[name] !== "",
  );
  return { ...defaults, ...Object.fromEntries(chosen.map((name) => [name, process.env[name]])) };
}

/** @param {Record<string, string>} settings */
export function writeEnvFile(settings) {
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(envFile, `${lines.join("\n")}\n`, { mode: 0o600 });
}
