import type pg from "pg";

/**
 * Connects, or rejects as soon as the signal aborts. pg never settles the `connect` of a client that is ended meanwhile,
 * which would hold up whoever waits for it for ever.
 */
export async function connectClient(client: pg.Client, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const connecting = client.connect();
  connecting.catch(() => undefined);
  const given = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new Error("The connection was given up before it was made."));
    signal.addEventListener("abort", giveUp, { once: true, signal: given.signal });
  });
  try {
    await Promise.race([connecting, aborted]);
  } finally {
    given.abort();
  }
}
