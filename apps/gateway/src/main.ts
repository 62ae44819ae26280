import { createLogger, drainOnSignal, loadConfigOrExit } from "@triggers/runtime";
import { gatewayConfigSchema } from "./config.ts";
import { startGateway } from "./start-gateway.ts";

const config = loadConfigOrExit(gatewayConfigSchema, process.env);
const logger = createLogger({ level: config.LOG_LEVEL, service: "gateway" });
const gateway = await startGateway(config, logger);
drainOnSignal(() => gateway.drain(), config.DRAIN_LIMIT_MS, logger);
