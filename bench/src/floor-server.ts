// The floor of ingestion: Express, its JSON parser and one job per event, nothing else.
import type { AddressInfo } from "node:net";
import { Queue } from "bullmq";
import express from "express";
import { Redis } from "ioredis";

const { REDIS_URL = "", REDIS_PREFIX = "" } = process.env;
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
const queue = new Queue("events", { connection: redis, prefix: `{${REDIS_PREFIX}}` });
const app = express();
app.post("/api/events", express.json(), async (req, res) => {
  const job = await queue.add("event", req.body);
  res.status(202).json({ id: job.id, status: "accepted" });
});
app.post("/api/events/batch", express.json({ limit: "10mb" }), async (req, res) => {
  const { events } = req.body as { events: object[] };
  const jobs = await queue.addBulk(events.map((event) => ({ name: "event", data: event })));
  res
    .status(202)
    .json({ accepted: jobs.length, results: jobs.map(({ id }) => ({ id, status: "accepted" })) });
});
const server = app.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ message: "listening", port: (server.address() as AddressInfo).port }));
});
// As long as the product's: no connection of the load generator is closed under its hands.
server.keepAliveTimeout = 65_000;
