import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type ApiClient, eventually } from "@triggers/testing";
import { insertEndpointRow } from "./insert-endpoint-row.ts";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let client: ApiClient;
let servers: Server[] = [];

beforeAll(async () => {
  system = await startSystem();
  client = await system.createClient();
  await system.startWorker();
}, 60_000);

afterAll(async () => {
  await system.stop();
  for (const server of servers) server.close();
  servers = [];
});

/** Answers the first bytes of each request in its own way. */
async function listen(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const head = (status: string, ...headers: string[]) =>
  `HTTP/1.1 ${status}\r\n${["connection: close", ...headers].join("\r\n")}\r\n\r\n`;
const says = (status: string, ...headers: string[]) => {
  return (socket: Socket) => void socket.end(head(status, "content-length: 0", ...headers));
};
const inOneHour = () => new Date(Date.now() + 3_600_000).toUTCString();
const hour = 3_600;

function drip(socket: Socket): void {
  socket.write(head("200 OK", "content-length: 100"));
  const timer = setInterval(() => socket.write("x"), 100);
  socket.on("close", () => clearInterval(timer));
}

function pour(socket: Socket): void {
  socket.write(head("200 OK", `content-length: ${10 * 1024 * 1024}`));
  socket.end(Buffer.alloc(10 * 1024 * 1024, "y"));
}

const bytes = Buffer.from([0, 1, 0xff, 0xfe, 0xc3, 0x28, 0]);

interface Odd {
  title: string;
  answer: (socket: Socket) => void;
  scheme?: "https";
  status: number | null;
  errorCode: string | null;
  delivery?: "delivered" | "retrying" | "failed";
  /** Bounds of the wait for the next attempt, in seconds. */
  waits?: [number, number];
  body?: Buffer;
}

const odd: Odd[] = [
  { title: "resets", answer: (s) => void s.resetAndDestroy(), status: null, errorCode: "connection_reset" },
  { title: "hangs up", answer: (s) => void s.end(), status: null, errorCode: "connection_reset" },
  { title: "drips", answer: drip, status: 200, errorCode: "timeout" },
  { title: "says nothing", answer: () => undefined, status: null, errorCode: "timeout" },
  {
    ...{ title: "answers 10 MB", answer: pour, status: 200, errorCode: null },
    ...{ delivery: "delivered", body: Buffer.alloc(16_384, "y") },
  },
  {
    ...{ title: "redirects", answer: says("302 Found", "location: http://127.0.0.1:1/") },
    ...{ status: 302, errorCode: "redirect_refused" },
  },
  {
    ...{ title: "is gone", answer: says("410 Gone"), status: 410 },
    ...{ errorCode: "http_status", delivery: "failed" },
  },
  {
    ...{ title: "asks for 2 hours", answer: says("429 Too Many Requests", "retry-after: 7200") },
    ...{ status: 429, errorCode: "http_status", waits: [2 * hour - 60, 2 * hour] },
  },
  {
    title: "asks for a date",
    answer: (socket) => says("503 Service Unavailable", `retry-after: ${inOneHour()}`)(socket),
    ...{ status: 503, errorCode: "http_status", waits: [hour - 60, hour] },
  },
  {
    ...{ title: "asks for a year", answer: says("503 Service Unavailable", "retry-after: 31536000") },
    ...{ status: 503, errorCode: "http_status", waits: [24 * hour - 60, 24 * hour] },
  },
  {
    ...{ title: "asks in vain, with another status", answer: says("500 Oh", "retry-after: 7200") },
    ...{ status: 500, errorCode: "http_status", waits: [200, 361] },
  },
  {
    ...{ title: "speaks no TLS", answer: (s: Socket) => void s.end("220 mail\r\n"), scheme: "https" },
    ...{ status: null, errorCode: "tls_failure" },
  },
  {
    ...{ title: "speaks no HTTP", answer: (s: Socket) => void s.end("220 mail\r\n") },
    ...{ status: null, errorCode: "invalid_response" },
  },
  {
    ...{ title: "answers NUL and invalid UTF-8", status: 200, errorCode: null, delivery: "delivered" },
    answer: (socket) => {
      socket.write(head("200 OK", "x-odd: \u00ff\u00fe", `content-length: ${bytes.length}`));
      socket.end(bytes);
    },
    body: bytes,
  },
  {
    ...{ title: "has a NUL in a header", answer: says("200 OK", "x-odd: a\0b") },
    ...{ status: null, errorCode: "invalid_response" },
  },
];

test.each(odd.map((receiver) => [receiver.title, receiver] as const))(
  "a receiver that %s costs one attempt, which says so",
  async (title, receiver) => {
    const port = await listen(receiver.answer);
    const { delivery = "retrying" } = receiver;
    await expectAttempt(`${receiver.scheme ?? "http"}://127.0.0.1:${port}/hook`, title, {
      ...receiver,
      delivery,
    });
  },
  60_000,
);

test("a name without an address is a DNS failure", async () => {
  const expected = { status: null, errorCode: "dns_failure", delivery: "retrying" } as const;
  await expectAttempt("http://nobody.invalid/hook", "dns", expected);
}, 60_000);

test("an address that is not to be reached gets nothing", async () => {
  const expected = { status: null, errorCode: "address_refused", delivery: "retrying" } as const;
  await expectAttempt("http://169.254.169.254/latest/meta-data", "refused", expected);
}, 60_000);

async function expectAttempt(
  url: string,
  title: string,
  expected: Pick<Odd, "status" | "errorCode" | "delivery" | "waits" | "body">,
): Promise<void> {
  const type = title.replaceAll(/[^a-zA-Z0-9]/g, "-");
  const endpointId = await insertEndpointRow(system.db, client.organizationId, {
    ...{ url, event_types: [type] },
    timeout_ms: expected.errorCode === "timeout" ? 1_000 : 20_000,
    retry_schedule: [0, 300],
  });
  const id = await publishOne(client, { type });
  const rows = () =>
    system.db.selectFrom("attempts").selectAll().where("endpoint_id", "=", endpointId).execute();
  const [attempt] = await eventually(async () => {
    const found = await rows();
    expect(found).toHaveLength(1);
    return found;
  }, 30_000);
  expect(attempt).toMatchObject({
    ...{ event_id: id, number: 1, trigger: "schedule" },
    ...{ response_status: expected.status, error_code: expected.errorCode },
  });
  expect(attempt?.response_body?.length ?? 0).toBeLessThanOrEqual(16_384);
  if (expected.body) expect(attempt?.response_body?.equals(expected.body)).toBe(true);
  if (expected.errorCode === "timeout") expect(attempt?.duration_ms).toBeLessThan(15_000);
  const delivery = await system.db
    .selectFrom("deliveries")
    .selectAll()
    .where("endpoint_id", "=", endpointId)
    .executeTakeFirstOrThrow();
  expect(delivery).toMatchObject({ status: expected.delivery, attempts: 1 });
  if (expected.waits) {
    const waitSeconds = (delivery.next_attempt_at.getTime() - Date.now()) / 1_000;
    expect(waitSeconds).toBeGreaterThan(expected.waits[0]);
    expect(waitSeconds).toBeLessThanOrEqual(expected.waits[1]);
  }
  await eventually(async () => {
    const { enabled, disabled_reason } = await system.db
      .selectFrom("endpoints")
      .selectAll()
      .where("id", "=", endpointId)
      .executeTakeFirstOrThrow();
    const isGone = expected.status === 410;
    expect({ enabled, disabled_reason }).toEqual({
      enabled: !isGone,
      disabled_reason: isGone ? "gone" : null,
    });
  });
  // What was stored can be shown.
  expect((await client.request("GET", `/api/events/${id}`)).body).toMatchObject({ id, attempts: 1 });
}
