import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "./process.mjs";
import { sharePassword } from "./redis-cluster.mjs";
import { redisCommand } from "./redis-command.mjs";
import { startRedis, startSentinel } from "./redis.mjs";
import { ownSecret } from "./secret.mjs";

const MASTER_NAME = "triggers";

/** See redis-sentinel.d.mts. */
export async function startSentinelGroup({ dataDir, downAfterMs = 1_000, settings = {} }) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const password = ownSecret(join(dataDir, "password"));
  const start = (name, more, port) => {
    sharePassword(join(dataDir, name), password);
    return startRedis({
      dataDir: join(dataDir, name),
      port,
      settings: { masterauth: password, "repl-diskless-sync-delay": "0", ...settings, ...more },
    });
  };
  const first = await start("first", {});
  const second = await start("second", { replicaof: `127.0.0.1 ${first.port}` });
  const servers = { first, second };
  const sentinels = [];
  for (let index = 0; index < 3; index += 1) {
    sentinels.push(
      await startSentinel({
        dataDir: join(dataDir, `sentinel-${index}`),
        lines: [
          `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${first.port} 2`,
          `sentinel auth-pass ${MASTER_NAME} ${password}`,
          `sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMs}`,
          `sentinel failover-timeout ${MASTER_NAME} 5000`,
        ],
      }),
    );
  }
  const masterPort = async () => {
    for (const { port } of sentinels) {
      const reply = await redisCommand({ port }, "SENTINEL", "get-master-addr-by-name", MASTER_NAME).catch(
        () => "",
      );
      const [, found] = /\$9\r\n127\.0\.0\.1\r\n\$\d+\r\n(\d+)/.exec(reply) ?? [];
      if (found !== undefined) return Number(found);
    }
    throw new Error("No sentinel names a master.");
  };
  const isWhole = async () => {
    const replies = await Promise.all(
      sentinels.map(({ port }) =>
        redisCommand({ port }, "SENTINEL", "ckquorum", MASTER_NAME).catch(() => ""),
      ),
    );
    const info = await redisCommand({ port: await masterPort(), password }, "INFO", "replication").catch(
      () => "",
    );
    return replies.every((reply) => reply.includes("OK 3 usable")) && info.includes("state=online");
  };
  const untilWhole = async () => {
    if (!(await waitUntil(isWhole, 60_000, 200))) throw new Error("The sentinels do not find each other.");
  };
  await untilWhole();
  const nodes = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
  const byPort = (port) => Object.keys(servers).find((name) => servers[name].port === port) ?? "first";
  return {
    url: `redis+sentinel://:${password}@${nodes}/${MASTER_NAME}`,
    password,
    masterPort,
    master: async () => servers[byPort(await masterPort())],
    replica: async () => servers[byPort(await masterPort()) === "first" ? "second" : "first"],
    async restart(port) {
      const name = byPort(port);
      // As what it was when it was killed; the sentinels tell it whom to follow.
      servers[name] = await start(name, {}, port);
      await untilWhole();
    },
    stop: async () => {
      // First those that would call the end of the others a failover.
      await Promise.all(sentinels.map((sentinel) => sentinel.stop()));
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    },
  };
}
