import { IncomingMessage, ServerResponse, type ServerOptions } from "node:http";
import type { Express } from "express";

/**
 * Requests and answers that are Express' own from the start: else it exchanges the prototype of both for every request,
 * and all that touches them afterwards is slower for it (docs/performance.md).
 */
export function createExpressMessages(
  app: Express,
): Required<Pick<ServerOptions, "IncomingMessage" | "ServerResponse">> {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}
