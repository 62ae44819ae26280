// A bare 202: what the load generator can do at most.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const answer = JSON.stringify({ status: "accepted" });
const server = createServer((req, res) => {
  req.resume();
  req.on("end", () => {
    res.writeHead(202, { "content-type": "application/json", "content-length": answer.length });
    res.end(answer);
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ message: "listening", port: (server.address() as AddressInfo).port }));
});
// As long as the product's: no connection of the load generator is closed under its hands.
server.keepAliveTimeout = 65_000;
