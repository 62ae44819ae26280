import { type ApiClient, createApiClient, startApp } from "@triggers/testing";
import { fileURLToPath } from "node:url";
import { waitUntilDrained } from "./backlog.ts";
import { pipelineCpu } from "./pipeline-cpu.ts";
import { startPipeline } from "./pipeline.ts";
import { eventBody } from "./sample-event.ts";
import { sendLoad } from "./send-load.ts";
import type { Stack } from "./stack.ts";
import { percentile } from "./statistics.ts";

export interface GrowthPoint {
  organizations: number;
  /** Of each organization. */
  endpoints: number;
  /** How many of them an event goes to. */
  matching: number;
  events: number;
}

export interface GrowthRun {
  /** Of the 202. */
  acceptP50: number;
  acceptP95: number;
  /** CPU microseconds per event until it was delivered everywhere and recorded. */
  cpu: Record<"gateway" | "worker" | "redis" | "postgres", number>;
  /** Per event: what Postgres and Redis wrote ahead, and what tables and indexes have in the end. */
  walBytes: number;
  redisFileBytes: number;
  storedBytes: number;
}

const warmUpEvents = 200;
const connections = 10;

/** Events round robin over the organizations, everything on. Throws when events or deliveries are missing. */
export async function measureGrowthPoint(
  stack: Stack,
  point: GrowthPoint,
  productSettings: Record<string, string>,
): Promise<GrowthRun> {
  const receiver = await startApp(fileURLToPath(new URL("./mixed-receiver-server.ts", import.meta.url)), {});
  // Keys are cheap to make and to check here: ten thousand would take minutes, and each costs its check only once.
  const settings = { BCRYPT_COST: "4", ...productSettings };
  const pipeline = await startPipeline("product", stack, undefined, settings);
  const { prefix, database } = pipeline;
  const readCpu = () => pipelineCpu(stack, pipeline);
  try {
    const clients = await createClients(pipeline.gateway.url, receiver.url, point);
    const send = async (requests: number) => {
      const sent = await sendLoad({
        target: { ...pipeline.target, headers: {} },
        ...{ connections, requests, bodyOf: eventBody },
        apiKeyOf: (request) => clients[request % clients.length]?.apiKey,
      });
      await waitUntilDrained(stack, prefix, 300_000);
      return sent;
    };
    await send(warmUpEvents);
    const [before, writtenBefore] = [readCpu(), await readWritten(stack, database.url)];
    const { latenciesMs } = await send(point.events);
    const [after, written] = [readCpu(), await readWritten(stack, database.url)];
    await verify(stack, database.url, point);
    const bytesOf = (what: keyof typeof written) => (written[what] - writtenBefore[what]) / point.events;
    const perEventUs = (part: keyof typeof before) => ((after[part] - before[part]) * 1e6) / point.events;
    return {
      acceptP50: percentile(latenciesMs, 0.5),
      acceptP95: percentile(latenciesMs, 0.95),
      cpu: {
        gateway: perEventUs("gateway"),
        worker: perEventUs("worker"),
        redis: perEventUs("redis"),
        postgres: perEventUs("postgres"),
      },
      ...{ walBytes: bytesOf("wal"), redisFileBytes: bytesOf("redisFile"), storedBytes: bytesOf("stored") },
    };
  } finally {
    await pipeline.stop();
    await receiver.stop();
  }
}

/** Each with its endpoints, and with a key that the gateway knows already. */
async function createClients(
  gatewayUrl: string,
  receiverUrl: string,
  { organizations, endpoints, matching }: GrowthPoint,
): Promise<ApiClient[]> {
  const clients: ApiClient[] = [];
  const createOne = async () => {
    const client = await createApiClient(gatewayUrl);
    clients.push(client);
    for (let n = 0; n < endpoints; n++) {
      const event_types = [n < matching ? "order.created" : "order.cancelled"];
      const body = { url: `${receiverUrl}/healthy/0`, event_types };
      const { status, text } = await client.request("POST", "/api/endpoints", body);
      if (status !== 201) throw new Error(`An endpoint was answered with ${status}: ${text}`);
    }
    await client.request("GET", "/api/inbox?limit=1");
  };
  let left = organizations;
  const createSome = async () => {
    while (left-- > 0) await createOne();
  };
  await Promise.all(Array.from({ length: 8 }, createSome));
  return clients;
}

/** Bytes so far. */
async function readWritten(stack: Stack, databaseUrl: string) {
  const [row] = await stack.query<{ wal: string; stored: string }>(
    `SELECT pg_current_wal_insert_lsn() - '0/0' AS wal, (
      SELECT sum(pg_total_relation_size(tree.relid)) FROM unnest(ARRAY['events', 'deliveries', 'attempts']) AS name,
        pg_partition_tree(name::regclass) AS tree
    ) AS stored`,
    databaseUrl,
  );
  const redisFile = Number(await stack.info("persistence", "aof_current_size"));
  return { wal: Number(row?.wal), stored: Number(row?.stored), redisFile };
}

async function verify(stack: Stack, databaseUrl: string, { events, matching }: GrowthPoint): Promise<void> {
  const [counts] = await stack.query<{ events: string; delivered: string }>(
    `SELECT (SELECT count(*) FROM events) AS events,
      (SELECT count(*) FROM deliveries WHERE status = 'delivered') AS delivered`,
    databaseUrl,
  );
  const expected = events + warmUpEvents;
  if (Number(counts?.events) !== expected || Number(counts?.delivered) !== expected * matching)
    throw new Error(
      `Of ${expected} events ${counts?.events} were stored, of ${expected * matching} deliveries ${counts?.delivered} made.`,
    );
}
