import { writeSync } from "node:fs";
import { createLogger, drainOnSignal, loadConfigOrExit } from "@triggers/runtime";
import { workerConfigSchema } from "../apps/worker/src/config.ts";
import { startWorker } from "../apps/worker/src/start-worker.ts";

// A worker that kills or pauses itself, as the kernel would, the nth time that it comes by a fault point:
// `node crash-worker.ts "persist: committed" 1 SIGKILL`. One that pauses says so first.
const [fatalPoint, nth = "1", signal = "SIGKILL"] = process.argv.slice(2);
let passes = 0;

const config = loadConfigOrExit(workerConfigSchema, process.env);
const logger = createLogger({ level: config.LOG_LEVEL, service: "worker" });
const worker = await startWorker(config, logger, (point) => {
  if (point !== fatalPoint) return;
  passes += 1;
  if (passes !== Number(nth)) return;
  if (signal === "SIGSTOP") writeSync(1, '{"message":"pausing"}\n');
  process.kill(process.pid, signal);
});
drainOnSignal(() => worker.drain(), config.DRAIN_LIMIT_MS, logger);
