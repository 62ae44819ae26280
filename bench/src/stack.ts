import { Queue } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { testEnvironment } from "@triggers/testing";

/** The databases of this benchmark alone: everything in them may be thrown away. */
export interface Stack {
  redisUrl: string;
  databaseUrl: string;
  redis: Redis;
  redisPid: number;
  postmasterPid: number;
  query<Row>(sql: string, databaseUrl?: string): Promise<Row[]>;
  /** Empties Redis and begins a new append-only file, so that every run starts alike. */
  resetRedis(): Promise<void>;
  /** One field of Redis' INFO. */
  info(section: string, field: string): Promise<string>;
  /** Jobs by state. */
  countJobs(prefix: string): Promise<Record<"waiting" | "unfinished" | "failed", number>>;
  close(): void;
}

export async function openStack(): Promise<Stack> {
  const { redisUrl, databaseUrl } = testEnvironment();
  const redis = new Redis(redisUrl);
  const query = async <Row>(sql: string, url = databaseUrl) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  const info = async (section: string, field: string) =>
    new RegExp(`^${field}:(.*)\r$`, "m").exec(await redis.info(section))?.[1] ?? "";
  const [postmaster] = await query<{ pid: string }>(
    "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid",
  );
  return {
    redisUrl,
    databaseUrl,
    redis,
    redisPid: Number(await info("server", "process_id")),
    postmasterPid: Number(postmaster?.pid),
    query,
    info,
    async resetRedis() {
      const untilRewritten = async () => {
        while ((await info("persistence", "aof_rewrite_in_progress")) !== "0") await pause(50);
      };
      await redis.flushall("SYNC");
      // Redis may just be at it by itself.
      await untilRewritten();
      await redis.bgrewriteaof();
      await untilRewritten();
    },
    async countJobs(prefix) {
      const queue = new Queue("events", { connection: redis, prefix: `{${prefix}}`, skipMetasUpdate: true });
      const counts = await queue.getJobCounts("wait", "prioritized", "active", "delayed", "failed");
      // Who floods alone is above its share as soon as there is a backlog: its jobs wait as prioritized ones.
      const { wait = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
      return { waiting: wait + prioritized, unfinished: wait + prioritized + active + delayed, failed };
    },
    close: () => redis.disconnect(),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
