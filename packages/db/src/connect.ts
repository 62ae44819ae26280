import { createHash } from "node:crypto";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { DB } from "./schema.ts";

export type Database = Kysely<DB>;

export interface DatabaseOptions {
  url: string;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  maxConnections: number;
  /** A lost connection; the pool opens another one by itself. */
  onConnectionError: (error: Error) => void;
  /** How long a request may wait for a connection. */
  connectTimeoutMs?: number;
  statementTimeoutMs?: number;
  /**
   * Plan each statement once for all values. Left to itself, Postgres plans statements over partitions anew each time,
   * which costs several times what running them does; but a plan for all values must fit all values.
   */
  hasFixedPlans?: boolean;
}

/** Plans of our few statement shapes are kept on the server by name; what goes beyond this many stays unnamed. */
const maxNamedStatements = 400;

const int8Oid: number = pg.types.builtins.INT8;
const parserOf = pg.types.getTypeParser as (oid: number, format: "text") => unknown;

/**
 * A pool behind Kysely. A writer that freezes in the middle of its transaction holds its organization's feed, so
 * waiting for a lock and idling in a transaction are both bounded on the server.
 */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.maxConnections,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 2_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    // A server that froze answers nothing, not even its own timeout: the client must give up by itself.
    query_timeout: (options.statementTimeoutMs ?? 10_000) + 1_000,
    options: [
      `-c statement_timeout=${options.statementTimeoutMs ?? 10_000}`,
      "-c lock_timeout=2000",
      "-c idle_in_transaction_session_timeout=5000",
      ...(options.hasFixedPlans ? ["-c plan_cache_mode=force_generic_plan"] : []),
    ].join(" "),
    types: { getTypeParser: chooseTypeParser },
  });
  // On the client, not only the pool: the pool does not listen to one that is in use, and a connection that is lost
  // between two statements of a transaction would end the process.
  pool.on("connect", (client) => client.on("error", options.onConnectionError));
  pool.on("error", () => undefined);
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool: withNamedStatements(pool) }) });
}

/** `bigint` becomes a number: positions and counts stay far below 2^53. */
const chooseTypeParser = ((oid: number, format: "text"): unknown =>
  oid === int8Oid ? Number : parserOf(oid, format)) as typeof pg.types.getTypeParser;

type PoolClient = pg.PoolClient & { isNaming?: boolean };

/** Kysely sends unnamed statements, which Postgres parses and plans anew each time: over many partitions that costs
 * more than the query. */
function withNamedStatements(pool: pg.Pool): pg.Pool {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= maxNamedStatements) return known;
    const name = createHash("sha1").update(text).digest("base64url");
    names.set(text, name);
    return name;
  };
  const connect = pool.connect.bind(pool) as () => Promise<PoolClient>;
  pool.connect = (async () => {
    const client = await connect();
    if (client.isNaming) return client;
    client.isNaming = true;
    const query = client.query.bind(client) as (config: unknown, values?: unknown) => Promise<unknown>;
    client.query = ((text: unknown, values?: unknown[]) => {
      const name =
        typeof text === "string" && values !== undefined && values.length > 0 ? nameOf(text) : undefined;
      return name === undefined ? query(text, values) : query({ name, text, values });
    }) as typeof client.query;
    return client;
  }) as typeof pool.connect;
  return pool;
}
