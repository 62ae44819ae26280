import { createApiClient } from "@triggers/testing";
import type { Target } from "../http-connection.ts";
import { eventBodyWithDedup } from "../sample-event.ts";

/** How events are sent to one kind of server; a file that `--adapter` names exports one as its default. */
export interface Adapter {
  /** Called once. May sign up; `apiKey` is what `--key` gave. */
  prepare(url: string, apiKey: string | undefined): Promise<Pick<Target, "path" | "headers">>;
  /** The body of one event; the id never comes twice. */
  bodyOf(id: string): string;
  /** The statuses that mean accepted; 202 where it is missing. */
  accepts?: readonly number[];
}

/** Servers that speak the contract of this API. Without a key, signup must be open. */
export const contractAdapter: Adapter = {
  async prepare(url, apiKey) {
    const key = apiKey ?? (await createApiClient(url, "enterprise")).apiKey;
    return { path: "/api/events", headers: { "x-api-key": key } };
  },
  bodyOf: eventBodyWithDedup,
};
