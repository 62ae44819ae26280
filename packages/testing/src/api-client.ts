/** An answer with its body parsed, for tests and benchmarks that speak to a gateway as its users do. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  text: string;
  // The shape is what the test is about to check.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

export interface ApiClient {
  url: string;
  apiKey: string;
  organizationId: string;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  publish(event: Record<string, unknown>): Promise<ApiAnswer>;
}

/** Sends text and bytes as they are, everything else as JSON. */
export async function callApi(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const response = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text ? (JSON.parse(text) as unknown) : undefined,
  };
}

/** A client of an organization of its own. */
export async function createApiClient(url: string, tier = "enterprise"): Promise<ApiClient> {
  const answer = await callApi(url, "POST", "/api/keys/generate", { organization_name: "Acme", tier });
  if (answer.status !== 201) throw new Error(`no key was generated: ${answer.status} ${answer.text}`);
  const { api_key: apiKey, organization_id: organizationId } = answer.body as Record<
    "api_key" | "organization_id",
    string
  >;
  const request: ApiClient["request"] = (method, path, payload, headers = {}) =>
    callApi(url, method, path, payload, { "x-api-key": apiKey, ...headers });
  return { url, apiKey, organizationId, request, publish: (event) => request("POST", "/api/events", event) };
}
