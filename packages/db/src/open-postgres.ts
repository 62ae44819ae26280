import { createThrottledLog, type LogFields, type Logger, type Releasers } from "@triggers/runtime";
import { createDatabase, type Database } from "./connect.ts";
import { type ConnectionWatch, watchConnection } from "./watch-connection.ts";

export interface OpenedPostgres {
  db: Database;
  postgres: ConnectionWatch;
  /** Throttled: an outage must not fill the log. */
  logFailure: (fields: LogFields) => void;
}

/** A pool and a watch on Postgres, logged and released as every app wants it. */
export function openPostgres(options: {
  url: string;
  applicationName: string;
  maxConnections: number;
  hasFixedPlans?: boolean;
  logger: Logger;
  releasers: Releasers;
}): OpenedPostgres {
  const { url, applicationName, maxConnections, hasFixedPlans = false, logger, releasers } = options;
  const logFailure = createThrottledLog(logger, "warn", "postgres connection failed");
  const db = createDatabase({
    url,
    applicationName,
    maxConnections,
    hasFixedPlans,
    onConnectionError: (error) => logFailure({ error }),
  });
  releasers.push("postgres", () => db.destroy());
  const postgres = watchConnection({
    url,
    applicationName,
    onChange: (isUp, error) =>
      logger[isUp ? "info" : "warn"](isUp ? "postgres connected" : "postgres lost", { error }),
  });
  releasers.push("postgres watch", () => postgres.stop());
  return { db, postgres, logFailure };
}
