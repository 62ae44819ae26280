import { connect } from "node:net";

/** See redis-command.d.mts. */
export function redisCommand({ port, password }, ...words) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let reply = "";
    socket.setTimeout(5_000, () => socket.destroy(new Error(`${words[0]} was not answered`)));
    socket.once("error", reject);
    socket.once("connect", () => {
      const lines = [...(password === undefined ? [] : [`AUTH ${password}`]), words.join(" ")];
      // Sentinels know no QUIT; a server that has answered all of it ends too.
      socket.end(lines.map((line) => `${line}\r\n`).join(""));
    });
    socket.on("data", (chunk) => (reply += chunk));
    socket.once("end", () => {
      const fault = /^-.*$/m.exec(reply);
      if (fault) reject(new Error(`${words[0]}: ${fault[0]}`));
      else resolve(reply);
    });
  });
}
