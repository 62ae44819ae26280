import type { Database } from "@triggers/db";
import { type ApiAnswer, type ApiClient, callApi } from "@triggers/testing";
import type { TestGateway } from "./start-test-gateway.ts";

/** What the scenarios run on. */
export interface World {
  gateway: TestGateway;
  /** Signup needs the operator's token, and everything is used up after a few requests. */
  strict: TestGateway;
  adminToken: string;
  db: Database;
  client: ApiClient;
  /** An organization of its own for every call. */
  createClient: () => Promise<ApiClient>;
  /** A good key that may do nothing. */
  keyWithoutScopes: string;
}

export type Scenario = (world: World) => Promise<ApiAnswer>;

/** As `callApi`, but with redirects as they are. */
export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  if (method !== "GET") return callApi(url, method, path, body, headers);
  const response = await fetch(url + path, { headers, redirect: "manual" });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return {
    ...{ status: response.status, headers: response.headers, text },
    body: isJson ? JSON.parse(text) : text,
  };
}
