import { Agent, request } from "node:http";
import type { PublishAnswer } from "../system.ts";

/** Beyond it a request hangs, which no answer of this system may do. */
const answerTimeoutMs = 10_000;

export interface PublishRequest {
  url: string;
  apiKey: string;
  body: string;
}

export type SendPublish = (publish: PublishRequest) => Promise<PublishAnswer>;

/** Keeps connections open, as clients and load balancers do, and tells apart what may go wrong with one. */
export function createPublishSender(): { send: SendPublish; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000, maxFreeSockets: 64 });
  const send: SendPublish = ({ url, apiKey, body }) =>
    new Promise((resolve) => {
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "x-api-key": apiKey,
      };
      const sent = request(`${url}/api/events`, { method: "POST", agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", (error) => resolve(failureOf(error)));
        response.on("end", () => {
          const retryAfter = Number(response.headers["retry-after"]);
          const text = Buffer.concat(chunks).toString();
          resolve(answerOf(response.statusCode ?? 0, text, retryAfter));
        });
      });
      sent.setTimeout(answerTimeoutMs, () =>
        sent.destroy(Object.assign(new Error("no answer"), { code: "NO_ANSWER" })),
      );
      sent.on("error", (error) => resolve(failureOf(error)));
      sent.end(body);
    });
  return {
    send,
    close: () => {
      agent.destroy();
    },
  };
}

function answerOf(status: number, text: string, retryAfter: number): PublishAnswer {
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

function failureOf(error: Error & { code?: string }): PublishAnswer {
  const code = error.code ?? error.message;
  return { outcome: code === "ECONNREFUSED" ? "unreachable" : "unanswered", status: 0, error: code };
}
