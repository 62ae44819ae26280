import { connect } from "node:net";

/** Connections that send one header byte a second and never come to the end of them. */
export function openSlowConnections(url: string, count: number): { close(): void } {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => undefined); // being cut off is what they are for
    socket.write("POST /api/events HTTP/1.1\r\nhost: chaos\r\nx-slow: ");
    return socket;
  });
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write("x");
  }, 1_000);
  return {
    close() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}
