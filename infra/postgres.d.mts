export interface Postgres {
  /** Of the first database, as superuser. */
  url: string;
  urlOf: (database: string) => string;
  port: number;
  pid: number;
  /** Sends a signal to the server and does not wait; a server that is gone is fine. */
  kill: (signal: NodeJS.Signals) => void;
  /** Fast shutdown of whatever server runs on these files now; resolves when it has ended. */
  stop: () => Promise<void>;
}

export interface PostgresOptions {
  /** Made when it is missing. */
  dataDir: string;
  /** Else the port of the last time if it is free, else any. */
  port?: number;
  /** Made with the files, not later. The first is in `url`. `["triggers"]` when left out. */
  databases?: string[];
  /** Server settings, such as `{ max_connections: "20" }`. */
  settings?: Record<string, string>;
}

/**
 * A private Postgres on 127.0.0.1, ready for clients. It runs in a session of its own and outlives this process; one
 * that runs on the same files already is taken over. After `kill("SIGKILL")` call it again with the same folder and port.
 */
export function startPostgres(options: PostgresOptions): Promise<Postgres>;
