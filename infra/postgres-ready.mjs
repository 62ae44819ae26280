import { connect } from "node:net";

/**
 * Asks the way a client does: an open port alone does not mean that recovery is over.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function acceptsPostgresClients(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const answer = (isReady) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once("error", () => answer(false));
    socket.once("close", () => answer(false));
    socket.once("connect", () => socket.write(startupMessage()));
    // "R" asks for the password; an error is "not yet" (57P03: starting up or shutting down) or, say, too many clients.
    socket.once("data", (reply) => answer(reply[0] === 0x52 || !reply.includes("57P03")));
  });
}

/** StartupMessage of protocol 3.0: length, version, name and value pairs. */
function startupMessage() {
  const body = Buffer.from("\0\x03\0\0user\0postgres\0database\0postgres\0\0", "latin1");
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}
