import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, isPortFree } from "./ports.mjs";
import { waitUntil } from "./process.mjs";
import { redisCommand } from "./redis-command.mjs";
import { startRedis } from "./redis.mjs";
import { ownSecret } from "./secret.mjs";

const SLOTS = 16_384;

/** See redis-cluster.d.mts. */
export async function startRedisCluster({ dataDir, masters = 3, settings = {} }) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const password = ownSecret(join(dataDir, "password"));
  const start = (index, port) => {
    const folder = join(dataDir, `master-${index}`);
    sharePassword(folder, password);
    return startRedis({
      dataDir: folder,
      port,
      settings: {
        "cluster-enabled": "yes",
        "cluster-config-file": "nodes.conf",
        // A master that is gone is noticed after it.
        "cluster-node-timeout": "2000",
        masterauth: password,
        ...settings,
      },
    });
  };
  const servers = [];
  for (let index = 0; index < masters; index += 1) servers.push(await start(index, await freeClusterPort()));
  await meet(servers, password);
  return {
    url: `redis+cluster://:${password}@${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    password,
    masters: servers,
    async restart(index) {
      servers[index] = await start(index, servers[index].port);
    },
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** Gives each the same part of the slots and makes them known to each other. */
async function meet(servers, password) {
  const size = SLOTS / servers.length;
  for (const [index, { port }] of servers.entries()) {
    const [first, end] = [Math.round(index * size), Math.round((index + 1) * size)];
    const slots = Array.from({ length: end - first }, (_, n) => first + n);
    await redisCommand({ port, password }, "CLUSTER", "ADDSLOTS", ...slots);
    await redisCommand({ port, password }, "CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    await redisCommand({ port, password }, "CLUSTER", "MEET", "127.0.0.1", servers[0].port);
  }
  const isWhole = async () => {
    const infos = await Promise.all(
      servers.map(({ port }) => redisCommand({ port, password }, "CLUSTER", "INFO")),
    );
    return infos.every(
      (info) => info.includes("cluster_state:ok") && info.includes(`cluster_size:${servers.length}\r`),
    );
  };
  if (!(await waitUntil(isWhole, 60_000, 100))) throw new Error("The nodes do not become a cluster.");
}

/** The nodes speak to each other on another port, 10 000 above. */
async function freeClusterPort() {
  for (;;) {
    const port = await freePort();
    if (port < 55_000 && (await isPortFree(port + 10_000))) return port;
  }
}

/** One password for all servers of a group, which have to log in to each other. */
export function sharePassword(folder, password) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
}
