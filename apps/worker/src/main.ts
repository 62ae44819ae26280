import { createLogger, drainOnSignal, loadConfigOrExit } from "@triggers/runtime";
import { workerConfigSchema } from "./config.ts";
import { nowhere } from "./fault-points.ts";
import { startWorker } from "./start-worker.ts";

const config = loadConfigOrExit(workerConfigSchema, process.env);
const logger = createLogger({ level: config.LOG_LEVEL, service: "worker" });
const worker = await startWorker(config, logger, nowhere);
drainOnSignal(() => worker.drain(), config.DRAIN_LIMIT_MS, logger);
