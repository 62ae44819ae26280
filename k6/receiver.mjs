// `node k6/receiver.mjs [port]`: takes webhooks and tells when each event's first one came. For end-to-end.js.
//   POST /hooks          a webhook
//   GET /arrivals/<id>   200 {received_at: ms, count} as soon as it has come, 504 after 20 s
import { createServer } from "node:http";

const waitMs = 20_000;

/** @type {Map<string, {received_at: number, count: number}>} */
const arrivals = new Map();
/** @type {Map<string, (arrival: {received_at: number, count: number}) => void>} */
const waiting = new Map();

const server = createServer((req, res) => {
  req.resume();
  req.once("end", () => {
    if (req.method === "POST") {
      res.end("ok");
      arrive(String(req.headers["webhook-id"]));
      return;
    }
    const id = /^\/arrivals\/([0-9a-f-]{36})$/.exec(req.url ?? "")?.[1];
    if (id === undefined) answer(res, 404, { detail: "There is POST /hooks and GET /arrivals/<id>." });
    else waitFor(id, res);
  });
});

function arrive(id) {
  const arrival = arrivals.get(id) ?? { received_at: Date.now(), count: 0 };
  arrival.count += 1;
  arrivals.set(id, arrival);
  waiting.get(id)?.(arrival);
}

function waitFor(id, res) {
  const arrival = arrivals.get(id);
  if (arrival !== undefined) return answer(res, 200, arrival);
  const timer = setTimeout(() => {
    waiting.delete(id);
    answer(res, 504, { detail: "It has not come." });
  }, waitMs);
  waiting.set(id, (arrived) => {
    clearTimeout(timer);
    waiting.delete(id);
    answer(res, 200, arrived);
  });
}

function answer(res, status, body) {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(body));
}

server.listen(Number(process.argv[2] ?? 4000), "127.0.0.1", () => {
  console.log(JSON.stringify({ message: "listening", port: server.address().port }));
});
