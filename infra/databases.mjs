import { join } from "node:path";
import { startPostgres } from "./postgres.mjs";
import { isRunning } from "./process.mjs";
import { startRedis } from "./redis.mjs";

/**
 * Starts Postgres and Redis below a folder, or takes over those that run there. DATABASE_URL and REDIS_URL, when set,
 * are used instead; POSTGRES_PORT and REDIS_PORT choose the ports.
 * @param {{dir: string, onStop: (close: () => unknown) => void, env?: NodeJS.ProcessEnv, databases?: string[]}} options
 */
export async function startDatabases({ dir, onStop, env = process.env, databases }) {
  const postgres = env.DATABASE_URL
    ? undefined
    : await startPostgres({ dataDir: join(dir, "postgres"), ...portFrom(env.POSTGRES_PORT), databases });
  if (postgres) onStop(postgres.stop);
  const redis = env.REDIS_URL
    ? undefined
    : await startRedis({ dataDir: join(dir, "redis"), ...portFrom(env.REDIS_PORT) });
  if (redis) onStop(redis.stop);
  return {
    databaseUrl: postgres?.url ?? env.DATABASE_URL,
    redisUrl: redis?.url ?? env.REDIS_URL,
    postgres,
    redis,
  };
}

function portFrom(text) {
  return text ? { port: Number(text) } : {};
}

/**
 * Says so when a database ends that nobody stopped. It is not started again by itself: whoever kills one wants to see
 * what happens then.
 * @param {Awaited<ReturnType<typeof startDatabases>>} databases
 * @returns {() => void} ends the watch
 */
export function watchDatabases({ postgres, redis }) {
  const watched = Object.entries({ Postgres: postgres, Redis: redis }).filter(
    ([, server]) => server !== undefined,
  );
  const missing = new Set();
  const timer = setInterval(() => {
    for (const [name, { pid }] of watched) {
      if (isRunning(pid) || missing.has(name)) continue;
      missing.add(name);
      console.error(
        `${name} (process ${pid}) has ended. \`npm run stack\` in another terminal starts it again.`,
      );
    }
  }, 1_000);
  return () => clearInterval(timer);
}

/** @param {string} url */
export function withoutPassword(url) {
  const parsed = new URL(url);
  if (parsed.password) parsed.password = "***";
  return parsed.href;
}
