import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createAddressRule, createGuardedAgents, type GuardedAgents, type LookupAll } from "@triggers/egress";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { type AttemptResult, createWebhookSender } from "../src/deliver/send-webhook.ts";

// Self-signed for receiver.test, 2020 to 2120; it exists for this test only.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRkgs8wrXhuSDx98V
pcueXPLGenqAR/RQcH8AF5WPwDmhRANCAAR97qEc8HbBBtLY3bZRdqW9OmYtX51+
LN1DZhRUG1sQRBhNHtcxLb5KoGxaoruoTaA8LT+FZp+ik9f800PdeYcz
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBbDCCAROgAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1yZWNlaXZl
ci50ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYD
VQQDDA1yZWNlaXZlci50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfe6h
HPB2wQbS2N22UXalvTpmLV+dfizdQ2YUVBtbEEQYTR7XMS2+SqBsWqK7qE2gPC0/
hWafopPX/NND3XmHM6NMMEowGAYDVR0RBBEwD4INcmVjZWl2ZXIudGVzdDAPBgNV
HRMBAf8EBTADAQH/MB0GA1UdDgQWBBTgvFwwEwHuzIxACX0ulWwPeP9+yTAKBggq
hkjOPQQDAgNHADBEAiAPbDACOfhDc0rSd0ongb9O0oR7zlZi3WZXIwHng9imJwIg
ANeEkF/G/jSKsw1UHBgVetknp/Txat5CNuBsXqhxJpQ=
-----END CERTIFICATE-----`;

const toLoopback: LookupAll = (_name, _options, callback) =>
  process.nextTick(callback, null, [{ address: "127.0.0.1", family: 4 }]);

let server: Server;
let port: number;
let received: { host: string | undefined; serverName: unknown }[];
const opened: GuardedAgents[] = [];

beforeAll(async () => {
  received = [];
  server = createServer({ key, cert }, (request, answer) => {
    const { servername } = request.socket as unknown as { servername?: unknown };
    received.push({ host: request.headers.host, serverName: servername });
    answer.end("ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});

afterAll(async () => {
  for (const agents of opened) agents.destroy();
  server.close();
  await once(server, "close");
});

function send(url: string, ca?: string): Promise<AttemptResult> {
  const agents = createGuardedAgents({
    rule: createAddressRule({ allowedCidrs: ["127.0.0.0/8"] }),
    maxSocketsPerHost: 10,
    idleTimeoutMs: 5000,
    lookup: toLoopback,
    ...(ca !== undefined && { tls: { ca } }),
  });
  opened.push(agents);
  return createWebhookSender({ agents })({ url, headers: {}, body: "{}", timeoutMs: 5000 });
}

test("a receiver with a trusted certificate gets the webhook under its own name", async () => {
  expect(await send(`https://receiver.test:${port}/hook`, cert)).toMatchObject({
    status: 200,
    errorCode: null,
  });
  expect(received).toEqual([{ host: `receiver.test:${port}`, serverName: "receiver.test" }]);
});

test("a certificate that nobody vouches for, or of another name, gets nothing", async () => {
  const before = received.length;
  expect(await send(`https://receiver.test:${port}/hook`)).toMatchObject({
    status: null,
    errorCode: "tls_failure",
    errorDetail: expect.stringContaining("self-signed") as unknown,
  });
  expect(await send(`https://other.test:${port}/hook`, cert)).toMatchObject({
    status: null,
    errorCode: "tls_failure",
  });
  expect(received).toHaveLength(before);
});

test("a receiver that does not speak TLS is a TLS failure", async () => {
  const plain = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.resume().end("HTTP/1.1 200 OK\r\n\r\n");
  });
  plain.listen(0, "127.0.0.1");
  await once(plain, "listening");
  const result = await send(`https://receiver.test:${(plain.address() as AddressInfo).port}/`, cert);
  expect(result).toMatchObject({ status: null, errorCode: "tls_failure" });
  plain.close();
  await once(plain, "close");
});
