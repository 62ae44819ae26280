import { createLogger, drainOnSignal } from "../src/index.ts";

/** A process that drains as its arguments say: `ends`, `fails` or `hangs`, within a limit in ms. */
const [how, limitMs] = process.argv.slice(2);
const logger = createLogger({ level: "info", service: "drain" });
const keepAlive = setInterval(() => undefined, 1_000);
drainOnSignal(
  () => {
    clearInterval(keepAlive);
    if (how === "fails") return Promise.reject(new Error("no"));
    return how === "ends" ? Promise.resolve() : new Promise(() => setInterval(() => undefined, 1_000));
  },
  Number(limitMs),
  logger,
);
logger.info("waiting");
