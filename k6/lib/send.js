import http from "k6/http";
import { settings } from "./settings.js";

/**
 * One request; `name` is its tag. `expected` is the status that does not count as failed. `body` is text or undefined.
 */
export function send(method, path, { apiKey, name, body, expected }) {
  const headers = { "X-API-Key": apiKey };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return http.request(method, settings.baseUrl + path, body === undefined ? null : body, {
    headers,
    tags: { name },
    responseCallback: http.expectedStatuses(expected),
  });
}
