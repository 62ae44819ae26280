import { startApp, stopLeftover, waitUntilReady } from "./apps.mjs";
import { appSettings } from "./environment.mjs";
import { freePort } from "./ports.mjs";
import { startTestStack } from "./test-stack.mjs";

/** The limiter stays on, but the load fits. */
const raisedTiers = Object.fromEntries(
  ["FREE", "PRO", "BUSINESS", "ENTERPRISE"].map((tier) => [`RATE_LIMIT_${tier}`, "100000000"]),
);

/**
 * A gateway and a worker on databases of their own, which vanish afterwards: a running `npm start` is not disturbed.
 * @param {{node: string, env: NodeJS.ProcessEnv}} tools
 * @param {(close: () => unknown) => void} onStop
 * @returns {Promise<string>} the gateway's URL
 */
export async function startLoadStack(tools, onStop) {
  await Promise.all(["load-gateway", "load-worker"].map(stopLeftover));
  const { TEST_DATABASE_URL, TEST_REDIS_URL } = await startTestStack(tools, onStop);
  const databaseUrl = new URL(TEST_DATABASE_URL);
  databaseUrl.pathname = "/triggers_template"; // the one that is migrated
  const [PORT, WORKER_PORT] = [String(await freePort()), String(await freePort())];
  const settings = {
    ...(await appSettings({ databaseUrl: databaseUrl.href, redisUrl: TEST_REDIS_URL })),
    ...raisedTiers,
    // Over what the shell has set for another stack.
    DATABASE_URL: databaseUrl.href,
    REDIS_URL: TEST_REDIS_URL,
    HOST: "127.0.0.1",
    // k6 measures how slow requests are; the terminal is for its summary.
    SLOW_REQUEST_MS: "60000",
    PORT,
    WORKER_PORT,
  };
  const options = { node: tools.node, env: { ...tools.env, ...settings }, host: settings.HOST };
  const gateway = startApp("gateway", { ...options, port: PORT, id: "load-gateway" });
  onStop(() => gateway.stop());
  const worker = startApp("worker", { ...options, port: WORKER_PORT, id: "load-worker" });
  onStop(() => worker.stop());
  await Promise.all([waitUntilReady(gateway), waitUntilReady(worker)]);
  return gateway.url;
}
