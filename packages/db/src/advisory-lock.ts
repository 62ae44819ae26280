import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { connectClient } from "./connect-client.ts";

export interface LeaderElection {
  stop(): Promise<void>;
}

export interface LeaderElectionOptions {
  url: string;
  applicationName: string;
  lockName: string;
  /** Begins the leader's work and returns how to end it. */
  onElected: () => () => Promise<void>;
  onError: (error: unknown) => void;
  retryMs?: number;
}

/**
 * Lets one process at a time lead. A candidate waits for a session advisory lock on a connection of its own: no polling,
 * no statement while it waits, and Postgres frees the lock when the leader's connection ends.
 */
export function electLeader(options: LeaderElectionOptions): LeaderElection {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await serveOneTerm(options, stopping.signal).catch(options.onError);
      await pause(options.retryMs ?? 1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function serveOneTerm(options: LeaderElectionOptions, stopping: AbortSignal): Promise<void> {
  // Keepalive, since a leader whose server vanished without a word would otherwise lead for ever.
  const client = new pg.Client({
    connectionString: options.url,
    application_name: options.applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", options.onError);
  const ended = new Promise<void>((resolve) => client.once("end", resolve));
  // Ending the connection also ends the wait for the lock.
  const disconnect = () => void client.end().catch(options.onError);
  stopping.addEventListener("abort", disconnect, { once: true });
  try {
    await connectClient(client, stopping);
    await client.query("SELECT pg_advisory_lock(hashtext($1))", [options.lockName]);
    const endWork = options.onElected();
    await ended;
    await endWork();
  } catch (error) {
    if (!stopping.aborted) throw error;
  } finally {
    stopping.removeEventListener("abort", disconnect);
    disconnect();
  }
}
