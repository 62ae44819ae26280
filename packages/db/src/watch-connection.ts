import pg from "pg";

export interface ConnectionWatch {
  /** Answered from memory. */
  isUp(): boolean;
  stop(): Promise<void>;
}

/**
 * Knows whether Postgres is there without asking it: an idle connection whose loss tells at once. It reconnects for
 * ever, a second apart; while it is up it sends no statement.
 */
export function watchConnection(options: {
  url: string;
  applicationName: string;
  onChange?: (isUp: boolean, error?: Error) => void;
  retryMs?: number;
}): ConnectionWatch {
  let up = false;
  let stopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  const change = (isUp: boolean, error?: Error) => {
    if (up === isUp) return;
    up = isUp;
    if (stopped) return;
    options.onChange?.(isUp, error);
  };

  function connect() {
    const current = new pg.Client({
      connectionString: options.url,
      application_name: options.applicationName,
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
    });
    client = current;
    let isOver = false;
    const over = (error?: Error) => {
      if (isOver) return;
      isOver = true;
      change(false, error);
      current.end().catch(() => undefined);
      if (!stopped) timer = setTimeout(connect, options.retryMs ?? 1_000);
    };
    current.on("error", over);
    current.on("end", () => over());
    current.connect().then(() => change(true), over);
  }

  connect();
  return {
    isUp: () => up,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
