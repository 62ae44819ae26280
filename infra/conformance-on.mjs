// `npm run conformance:on -- cluster` (or `sentinel`): the suite against a gateway and a worker on a Redis Cluster of three
// masters with four shards, or on a Sentinel group. What follows goes to the suite.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApp, waitUntilReady } from "./apps.mjs";
import { appSettings } from "./environment.mjs";
import { UserError, aborted, runToEnd } from "./lifecycle.mjs";
import { root } from "./paths.mjs";
import { freePort } from "./ports.mjs";
import { startRedisCluster } from "./redis-cluster.mjs";
import { startSentinelGroup } from "./redis-sentinel.mjs";
import { startTestStack } from "./test-stack.mjs";
import { prepareTools } from "./toolchain.mjs";

const forms = {
  cluster: { start: startRedisCluster, settings: { QUEUE_SHARDS: "4" } },
  sentinel: { start: startSentinelGroup, settings: { DURABILITY: "replicated" } },
};
const ADMIN_TOKEN = "the-operator-of-the-suite";

await runToEnd(async ({ onStop, signal }) => {
  const [name, ...args] = process.argv.slice(2);
  const form = forms[name];
  if (form === undefined) throw new UserError(`One of ${Object.keys(forms).join(", ")} must be named.`);
  const tools = await prepareTools({ signal });
  const { TEST_DATABASE_URL } = await startTestStack(tools, onStop);
  const databaseUrl = new URL(TEST_DATABASE_URL);
  databaseUrl.pathname = "/triggers_template"; // the one that is migrated
  const dataDir = mkdtempSync(join(tmpdir(), `triggers-${name}-`));
  onStop(() => rmSync(dataDir, { recursive: true, force: true }));
  const redis = await form.start({ dataDir });
  onStop(redis.stop);
  signal.throwIfAborted();
  const [PORT, WORKER_PORT] = [String(await freePort()), String(await freePort())];
  const urls = { DATABASE_URL: databaseUrl.href, REDIS_URL: redis.url };
  const env = {
    ...tools.env,
    ...(await appSettings({ databaseUrl: databaseUrl.href, redisUrl: redis.url })),
    ...{ ...urls, ...form.settings, ADMIN_TOKEN, PORT, WORKER_PORT, HOST: "127.0.0.1", SIGNUP: "open" },
    // Every check has an organization of its own.
    SIGNUP_LIMIT_PER_MINUTE: "100000",
  };
  const options = { node: tools.node, env, host: "127.0.0.1" };
  const gateway = startApp("gateway", { ...options, port: PORT, id: `${name}-gateway` });
  onStop(() => gateway.stop());
  const worker = startApp("worker", { ...options, port: WORKER_PORT, id: `${name}-worker` });
  onStop(() => worker.stop());
  await Promise.all([waitUntilReady(gateway), waitUntilReady(worker)]);
  const suite = [join(root, "conformance/src/main.ts"), "--url", gateway.url, "--admin-token", ADMIN_TOKEN];
  const child = spawn(tools.node, [...suite, ...args], { cwd: root, env: tools.env, stdio: "inherit" });
  onStop(() => child.kill("SIGTERM"));
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  return Promise.race([ended, aborted(signal)]);
});
