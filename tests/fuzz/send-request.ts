import { type Agent, request } from "node:http";
import type { FuzzedRequest } from "./random-request.ts";

export interface FuzzAnswer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** Rejects when the server hangs up without an answer, or gives none within 10 s. */
export function sendRequest(agent: Agent, url: string, wanted: FuzzedRequest): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const req = request({
      agent,
      hostname,
      port,
      method: wanted.method,
      path: wanted.target,
      timeout: 10_000,
    });
    for (const [name, value] of Object.entries(wanted.headers)) req.setHeader(name, value);
    if (wanted.body !== undefined && wanted.headers["transfer-encoding"] === undefined)
      req.setHeader("content-length", wanted.body.length);
    req.once("timeout", () => req.destroy(new Error("no answer within 10 s")));
    req.once("error", reject);
    req.once("response", (res) => {
      const chunks: Buffer[] = [];
      const done = () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          text: Buffer.concat(chunks).toString(),
        });
      // A stream has no end: its beginning is its answer.
      const isEndless = String(res.headers["content-type"]).startsWith("text/event-stream");
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.once("error", done);
      res.once("end", done);
      if (!isEndless) return;
      done();
      res.destroy();
    });
    if (wanted.headers.expect === undefined) req.end(wanted.body);
    else req.once("continue", () => req.end(wanted.body)).flushHeaders();
  });
}
