// A webhook receiver in one page: verifies each delivery with the `standardwebhooks` library and prints it.
//
//   WEBHOOK_SECRET=whsec_… node examples/receiver.mjs
//
// A receiver must answer 2xx within its endpoint's timeout and do its work afterwards. Deliveries come at least once:
// `webhook-id` is the same on every attempt, so remember it before acting.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const port = Number(process.env.RECEIVER_PORT ?? 4000);
const secret = process.env.WEBHOOK_SECRET;
if (!secret) {
  console.error("Set WEBHOOK_SECRET to the signing_secret that POST /api/webhook/config answered with.");
  process.exit(1);
}
const webhook = new Webhook(secret);
const seen = new Set();

const server = createServer((req, res) => {
  const chunks = [];
  req.on("data", (chunk) => chunks.push(chunk));
  req.on("end", () => {
    const body = Buffer.concat(chunks).toString("utf8");
    try {
      // Over the bytes as they came: JSON that was parsed and written again has another signature.
      webhook.verify(body, req.headers);
    } catch (error) {
      console.log(`refused: ${error.message}`);
      res.writeHead(401).end();
      return;
    }
    const id = req.headers["webhook-id"];
    console.log(
      `${seen.has(id) ? "again" : "verified"} (attempt ${req.headers["x-delivery-attempt"]}): ${body}`,
    );
    seen.add(id);
    res.writeHead(204).end();
  });
});
server.listen(port, "127.0.0.1", () => console.log(`Waiting for webhooks on http://127.0.0.1:${port}/`));
