import { Agent, request } from "node:http";
import type { PublishAnswer } from "../system.ts";

/** Beyond it a request hangs, which no answer of this system may do. */
const answerTimeoutMs = 10_000;

export interface PublishRequest {
  url: string;
  apiKey: string;
  body: string;
}

export interface PublishSender {
  send(publish: PublishRequest): Promise<PublishAnswer>;
  /** Whatever it holds; the status, or what broke. */
  sendRaw(url: string, headers: Record<string, string>, body: Buffer): Promise<string>;
  close(): void;
}

interface HttpAnswer {
  status: number;
  text: string;
  retryAfter: number;
}

/** Keeps connections open, as clients and load balancers do, and tells apart what may go wrong with one. */
export function createPublishSender(): PublishSender {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000, maxFreeSockets: 64 });
  const post = (url: string, headers: Record<string, string>, body: string | Buffer) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      const length = { "content-length": Buffer.byteLength(body) };
      const options = { method: "POST", agent, headers: { ...headers, ...length } };
      const sent = request(`${url}/api/events`, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const retryAfter = Number(response.headers["retry-after"]);
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, text, retryAfter });
        });
      });
      sent.setTimeout(answerTimeoutMs, () =>
        sent.destroy(Object.assign(new Error("no answer"), { code: "NO_ANSWER" })),
      );
      sent.on("error", reject);
      sent.end(body);
    });
  return {
    send: ({ url, apiKey, body }) =>
      post(url, { "content-type": "application/json", "x-api-key": apiKey }, body).then(answerOf, failureOf),
    sendRaw: (url, headers, body) =>
      post(url, { "content-type": "application/json", ...headers }, body).then(
        ({ status }) => String(status),
        (error: unknown) => failureOf(error).error ?? "unanswered",
      ),
    close: () => {
      agent.destroy();
    },
  };
}

function answerOf({ status, text, retryAfter }: HttpAnswer): PublishAnswer {
  const { id, event_id } = parse(text);
  const named = id ?? event_id;
  const isAcknowledged = (status === 202 || status === 409) && named !== undefined;
  return {
    outcome: isAcknowledged ? (status === 202 ? "accepted" : "duplicate") : "refused",
    status,
    ...(isAcknowledged ? { id: named } : {}),
    ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
  };
}

function parse(text: string): { id?: string; event_id?: string } {
  try {
    return JSON.parse(text) as { id?: string };
  } catch {
    return {};
  }
}

function failureOf(error: unknown): PublishAnswer {
  const { code: named, message } = error as Error & { code?: string };
  const code = named ?? message;
  return { outcome: code === "ECONNREFUSED" ? "unreachable" : "unanswered", status: 0, error: code };
}
