// The floor of ingestion: Express, its JSON parser and one job per request, nothing else.
import type { AddressInfo } from "node:net";
import { Queue } from "bullmq";
import express from "express";
import { Redis } from "ioredis";

const { REDIS_URL = "", REDIS_PREFIX = "" } = process.env;
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
const queue = new Queue("events", { connection: redis, prefix: `{${REDIS_PREFIX}}` });
const app = express();
app.use(express.json());
app.post("/api/events", async (req, res) => {
  const job = await queue.add("event", req.body);
  res.status(202).json({ id: job.id, status: "accepted" });
});
const server = app.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ message: "listening", port: (server.address() as AddressInfo).port }));
});
