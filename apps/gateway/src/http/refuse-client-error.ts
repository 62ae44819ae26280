import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ErrorCode } from "@triggers/domain";
import { problems } from "./problem-table.ts";

const refusals: Partial<Record<string, [ErrorCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["request_timeout", "The request did not come in time."],
  HPE_HEADER_OVERFLOW: ["headers_too_large", "The request's head is larger than 16 KiB."],
};

/** What is no HTTP, too slow or too long ends before it is a request; it gets a problem document all the same. */
export function refuseClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // Nobody asked anything: a load balancer that keeps a connection in reserve must not find an answer on it.
  const isSilent = socket.bytesRead === 0;
  const { _httpMessage: answering } = socket as { _httpMessage?: ServerResponse | null };
  if (!socket.writable || isSilent || answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [code, detail] = refusals[error.code ?? ""] ?? ["invalid_request", "The request is not HTTP/1.1."];
  const { status, title, retryable } = problems[code];
  const requestId = randomUUID();
  const body = JSON.stringify({
    ...{ type: `/docs/errors/${code}`, title, status, detail, code, retryable },
    ...{ request_id: requestId, error: detail },
  });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "Content-Type: application/problem+json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    "X-Response-Time: 0.00ms",
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
