// The floor of persisting: BullMQ's worker and one insert for up to 500 jobs into a plain table, nothing else. With
// WEBHOOK_URL it also posts each event there once it is stored: the floor of delivering.
import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { type Job, Worker } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";

interface Waiting {
  job: Job<{ type: string; payload: object }>;
  done: () => void;
  fail: (error: Error) => void;
}

const { REDIS_URL = "", REDIS_PREFIX = "", DATABASE_URL = "", WEBHOOK_URL = "" } = process.env;
const agent = new Agent({ keepAlive: true, maxSockets: 50 });
const pool = new pg.Pool({ connectionString: DATABASE_URL });
await pool.query("CREATE TABLE IF NOT EXISTS floor_events (id uuid PRIMARY KEY, type text, payload text)");
const waiting: Waiting[] = [];
let inFlight = 0;

async function flush() {
  const batch = waiting.splice(0, 500);
  inFlight += 1;
  await pool.query("INSERT INTO floor_events SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])", [
    batch.map(() => randomUUID()),
    batch.map(({ job }) => job.data.type),
    batch.map(({ job }) => JSON.stringify(job.data.payload)),
  ]);
  inFlight -= 1;
  for (const { job, done, fail } of batch) {
    if (WEBHOOK_URL === "") done();
    else post(job).then(done, fail);
  }
}

function post({ id, data }: Waiting["job"]): Promise<void> {
  const body = JSON.stringify({ id, type: data.type, data: data.payload });
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    request(WEBHOOK_URL, { method: "POST", agent, headers }, (res) => res.resume().once("end", resolve))
      .once("error", reject)
      .end(body);
  });
}

// As the product does: a batch closes when it is full or 5 ms old, and two are on their way at most.
setInterval(() => waiting.length > 0 && inFlight < 2 && void flush(), 5);
new Worker(
  "events",
  (job: Waiting["job"]) =>
    new Promise<void>((done, fail) => {
      waiting.push({ job, done, fail });
      if (waiting.length >= 500 && inFlight < 2) void flush();
    }),
  {
    connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }),
    prefix: `{${REDIS_PREFIX}}`,
    concurrency: 1_000,
    removeOnComplete: { count: 0 },
  },
);
const started = { timestamp: new Date().toISOString(), port: 0 };
console.log(JSON.stringify({ message: "consuming", ...started }));
console.log(JSON.stringify({ message: "listening", ...started }));
