import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

export interface Answer {
  status: number;
  /** By lower-case names. */
  headers: Record<string, string | undefined>;
  text: string;
  // Its shape is what a check is about to look at.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

export interface CallOptions {
  /** Without a Content-Length, so that the server has to count for itself. */
  isChunked?: boolean;
}

const timeoutMs = 30_000;

/**
 * Sends text and bytes as they are, everything else as JSON. An answer that comes before the body was sent to its end
 * (a 413) counts, whatever becomes of the connection then.
 */
export function callHttp(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
  { isChunked = false }: CallOptions = {},
): Promise<Answer> {
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const bytes = body === undefined ? undefined : Buffer.from(isRaw ? body : JSON.stringify(body));
  const sent: Record<string, string> = {
    ...(bytes ? { "content-type": "application/json" } : {}),
    ...headers,
  };
  if (bytes && !isChunked) sent["content-length"] = String(bytes.length);
  // A header that shall not be sent is given as "".
  for (const [name, value] of Object.entries(sent)) if (value === "") Reflect.deleteProperty(sent, name);
  const send = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { method, headers: sent, timeout: timeoutMs }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const answerHeaders = incoming.headers as Record<string, string | undefined>;
        const isJson = /[/+]json\b/.test(answerHeaders["content-type"] ?? "");
        resolve({
          status: incoming.statusCode ?? 0,
          headers: answerHeaders,
          text,
          body: isJson && text !== "" ? (JSON.parse(text) as unknown) : undefined,
        });
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)));
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });
}
