import pg from "pg";
import { connectClient } from "../connect-client.ts";

/** A connection for work that may take long and must not be in a transaction. */
export interface Maintenance {
  query: <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
}

export interface MaintenanceOptions {
  url: string;
  applicationName: string;
  /** Cuts the connection in the middle of whatever it does. */
  signal: AbortSignal;
  /** How long a statement may wait for somebody else's transaction. */
  lockTimeoutMs?: number;
}

/** Without the pool's limits on statements: a day's partition may be large, and detaching one waits for its readers. */
export async function withMaintenance<T>(
  options: MaintenanceOptions,
  work: (maintenance: Maintenance) => Promise<T>,
): Promise<T> {
  options.signal.throwIfAborted();
  const client = new pg.Client({
    connectionString: options.url,
    application_name: options.applicationName,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    options: `-c lock_timeout=${options.lockTimeoutMs ?? 60_000}`,
  });
  // The statement in hand fails with it.
  client.on("error", () => undefined);
  const cut = () => void client.end().catch(() => undefined);
  options.signal.addEventListener("abort", cut, { once: true });
  try {
    await connectClient(client, options.signal);
    return await work({
      query: async <Row>(text: string, values: readonly unknown[] = []) =>
        (await client.query(text, [...values])).rows as Row[],
    });
  } finally {
    options.signal.removeEventListener("abort", cut);
    cut();
  }
}
