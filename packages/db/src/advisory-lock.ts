import pg from "pg";

export interface LeaderElection {
  stop(): Promise<void>;
}

/**
 * Calls `onElected` in one process at a time. The candidate waits for a session advisory lock on a connection of its
 * own: no polling, no statement while it waits, and Postgres frees the lock when the leader's connection ends. The
 * returned function of `onElected` ends the leadership's work.
 */
export function electLeader(options: {
  url: string;
  applicationName: string;
  lockName: string;
  onElected: () => () => Promise<void>;
  onError: (error: unknown) => void;
  retryMs?: number;
}): LeaderElection {
  let stopped = false;
  let client: pg.Client | undefined;
  let endTerm: (() => Promise<void>) | undefined;
  let wake: (() => void) | undefined;

  async function serveOneTerm() {
    // Keepalive, since a leader whose server vanished without a word would otherwise lead for ever.
    client = new pg.Client({
      connectionString: options.url,
      application_name: options.applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 5_000,
      options: "-c statement_timeout=0 -c lock_timeout=0",
    });
    const lost = new Promise<void>((resolve) => {
      client?.once("end", resolve);
      client?.on("error", options.onError);
    });
    try {
      await client.connect();
      await client.query("SELECT pg_advisory_lock(hashtext($1))", [options.lockName]);
      if (stopped) return;
      endTerm = options.onElected();
      await lost;
    } finally {
      await endTerm?.();
      endTerm = undefined;
      await client.end().catch(options.onError);
    }
  }

  const running = (async () => {
    while (!stopped) {
      try {
        await serveOneTerm();
      } catch (error) {
        options.onError(error);
      }
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, options.retryMs ?? 1_000);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();

  return {
    async stop() {
      stopped = true;
      wake?.();
      // Ends the wait for the lock too.
      await client?.end().catch(options.onError);
      await running;
    },
  };
}
