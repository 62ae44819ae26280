import { expect, test } from "@jest/globals";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { electLeader } from "./advisory-lock.ts";
import { withMaintenance } from "./retention/with-maintenance.ts";

/** It accepts, and says nothing: a Postgres that is busy, or frozen. */
async function startSilentServer() {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const connected = once(server, "connection");
  return { server, connected, url: `postgres://x@127.0.0.1:${(server.address() as AddressInfo).port}/x` };
}

test("a candidate that is stopped while it connects stops at once", async () => {
  const { server, connected, url } = await startSilentServer();
  const election = electLeader({
    ...{ url, applicationName: "tests", lockName: "tests" },
    onElected: () => () => Promise.resolve(),
    onError: () => undefined,
  });
  await connected;
  await election.stop();
  server.close();
});

test("maintenance that is cut while it connects ends at once", async () => {
  const { server, connected, url } = await startSilentServer();
  const cut = new AbortController();
  const work = withMaintenance({ url, applicationName: "tests", signal: cut.signal }, () =>
    Promise.resolve(),
  );
  const ended = expect(work).rejects.toThrow("given up");
  await connected;
  cut.abort();
  await ended;
  server.close();
});
