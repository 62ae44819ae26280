import { hostileBodies, hostileHeaders, hostileTexts } from "./hostile-values.ts";
import type { Random } from "./random.ts";
import { sampleSchema } from "./sample-schema.ts";

type Schema = Record<string, unknown>;

export interface FuzzedOperation {
  id: string;
  method: string;
  path: string;
  statuses: number[];
  parameters: { name: string; in: string; schema: Schema }[];
  bodies: [mediaType: string, schema: Schema][];
}

export interface FuzzedRequest {
  /** Undefined when the request is meant for no operation. */
  operation: FuzzedOperation | undefined;
  method: string;
  /** As it goes over the wire. */
  target: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

/** What the generator may use of the system that it is let loose on. */
export interface FuzzWorld {
  apiKeys: readonly string[];
  adminToken: string;
  ids: readonly string[];
}

export function operationsToFuzz(document: Schema): FuzzedOperation[] {
  const paths = document.paths as Record<string, Record<string, Schema>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const body = operation.requestBody as { content: Record<string, { schema: Schema }> } | undefined;
      return {
        id: String(operation.operationId),
        method: method.toUpperCase(),
        path,
        statuses: Object.keys(operation.responses as object).map(Number),
        parameters: (operation.parameters ?? []) as FuzzedOperation["parameters"],
        bodies: Object.entries(body?.content ?? {}).map(([type, { schema }]) => [type, schema]),
      };
    }),
  );
}

/** Mostly nearly right, since what is plainly wrong ends at the door. */
export function createRandomRequest(
  document: Schema,
  operations: readonly FuzzedOperation[],
  world: FuzzWorld,
  random: Random,
): FuzzedRequest {
  const operation = random.pick(operations);
  const headers: Record<string, string> = {};
  const isStray = random.oneIn(25);
  const method = isStray
    ? random.pick(["PUT", "TRACE", "OPTIONS", "HEAD", "PATCH", "PURGE"])
    : operation.method;
  const path = operation.path.replace(/\{\w+\}/g, () => pathValue(world, random));
  const query = queryOf(document, operation, random);
  for (const { name, in: place, schema } of operation.parameters) {
    if (place !== "header" || !random.oneIn(3)) continue;
    const value = String(sampleSchema(document, schema, random));
    if (isHeaderValue(value)) headers[name] = value;
  }
  addCredentials(headers, operation, world, random);
  let body: Buffer | undefined;
  const [type, schema] = operation.bodies.length > 0 ? random.pick(operation.bodies) : [];
  if (schema !== undefined && type !== undefined) {
    headers["content-type"] = type;
    body = random.oneIn(6) ? random.pick(hostileBodies) : bodyOf(document, type, schema, random);
  } else if (random.oneIn(10) && method !== "GET") body = random.pick(hostileBodies);
  for (const [name, values] of Object.entries(hostileHeaders)) {
    if (!random.oneIn(25)) continue;
    const value = random.pick(values);
    if (isHeaderValue(value)) headers[name] = value;
  }
  if (headers["transfer-encoding"] !== undefined && body === undefined) delete headers["transfer-encoding"];
  if (headers.expect !== undefined && body === undefined) delete headers.expect;
  return { operation: isStray ? undefined : operation, method, target: path + query, headers, body };
}

/** Percent-encoded so that it stays one segment; an invalid encoding now and then. */
function pathValue(world: FuzzWorld, random: Random): string {
  if (random.oneIn(2)) return random.pick(world.ids);
  const text = random.pick(hostileTexts.filter((value) => value !== "" && !/^\.+$/.test(value)));
  return random.oneIn(10) ? "%E0%A4%A" : encodeURIComponent(text.toWellFormed());
}

function queryOf(document: Schema, operation: FuzzedOperation, random: Random): string {
  const pairs = operation.parameters
    .filter((parameter) => parameter.in === "query" && random.oneIn(3))
    .map(({ name, schema }) => {
      // A long wait is what this parameter is for.
      if (name === "wait" || name === "wait_seconds") return `${name}=${random.pick(["0", "-1", "21", "x"])}`;
      const value = random.oneIn(3) ? random.pick(hostileTexts) : sampleSchema(document, schema, random);
      return `${name}=${encodeURIComponent(String(value).toWellFormed().slice(0, 2_000))}`;
    });
  if (random.oneIn(15))
    pairs.push(random.pick(["unheard_of=1", "=", "&&", "a[b]=c", "%", "limit=1&limit=2"]));
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function bodyOf(document: Schema, type: string, schema: Schema, random: Random): Buffer {
  const one = () => JSON.stringify(withoutWaits(sampleSchema(document, schema, random)));
  const text = type === "application/x-ndjson" ? `${one()}\n${one()}` : one();
  return Buffer.from(random.oneIn(30) ? text.slice(0, -1) : text);
}

function withoutWaits(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("wait_seconds" in value)) return value;
  return { ...value, wait_seconds: 0 };
}

function addCredentials(
  headers: Record<string, string>,
  operation: FuzzedOperation,
  world: FuzzWorld,
  random: Random,
): void {
  if (random.oneIn(15)) return;
  const isOperators = operation.path.startsWith("/api/admin") || operation.path.startsWith("/api/queue");
  if (isOperators || random.oneIn(30)) headers.authorization = `Bearer ${world.adminToken}`;
  else headers["x-api-key"] = random.pick(world.apiKeys);
}

/** What HTTP lets through at all; the rest is for those who write the bytes themselves. */
function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
