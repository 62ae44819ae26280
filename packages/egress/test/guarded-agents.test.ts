import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { request as requestTls } from "node:https";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import {
  ADDRESS_REFUSED,
  checkWebhookUrl,
  createAddressRule,
  createGuardedAgents,
  type GuardedAgents,
  type LookupAll,
} from "../src/index.ts";

let server: Server;
let port: number;
let connections: number;
let hosts: (string | undefined)[];
let agents: GuardedAgents | undefined;

beforeEach(async () => {
  connections = 0;
  hosts = [];
  server = createServer((message, answer) => {
    hosts.push(message.headers.host);
    answer.end(message.socket.localAddress);
  });
  server.on("connection", () => (connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});

afterEach(async () => {
  agents?.destroy();
  agents = undefined;
  server.close();
  await once(server, "close");
});

function guard(allowedCidrs: string[], lookup?: LookupAll): GuardedAgents {
  const rule = createAddressRule({ allowedCidrs });
  agents = createGuardedAgents({
    rule,
    maxSocketsPerHost: 10,
    idleTimeoutMs: 5000,
    ...(lookup && { lookup }),
  });
  return agents;
}

/** A resolver that gives the first list on the first question, the second on the second, and so on; the last one stays. */
function resolver(...answers: string[][]): LookupAll & { asked: number } {
  const lookup = (...[, , callback]: Parameters<LookupAll>): void => {
    const addresses = answers[Math.min(lookup.asked, answers.length - 1)] ?? [];
    lookup.asked += 1;
    const found: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    process.nextTick(callback, null, found);
  };
  lookup.asked = 0;
  return lookup;
}

function get(url: string, { http, https }: GuardedAgents, options: object = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = url.startsWith("https:")
      ? requestTls(url, { agent: https, ...options })
      : request(url, { agent: http, ...options });
    sent.on("error", reject);
    sent.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => (text += part));
      answer.on("end", () => resolve(text));
    });
    sent.end();
  });
}

const refused = expect.objectContaining({ code: ADDRESS_REFUSED }) as unknown;

test.each([
  "127.0.0.1",
  "2130706433",
  "0x7f.1",
  "0177.1",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "127.0.0.1.",
])("no connection is opened to the refused literal %s, with or without TLS", async (host) => {
  const open = guard([]);
  await expect(get(`http://${host}:${port}/`, open)).rejects.toEqual(refused);
  await expect(get(`https://${host}:${port}/`, open)).rejects.toEqual(refused);
  // The guard stands in the way, not the network: the same address answers once it is allowed.
  await expect(get(`http://${host}:${port}/`, guard(["127.0.0.0/8"]))).resolves.toBe("127.0.0.1");
  expect(connections).toBe(1);
});

test.each([[["127.0.0.1"]], [["93.184.216.34", "127.0.0.1"]], [["2606:4700::1", "::1"]]])(
  "no connection is opened to a name with the addresses %j",
  async (addresses) => {
    await expect(get(`http://name.test:${port}/`, guard([], resolver(addresses)))).rejects.toEqual(refused);
    await expect(get(`https://name.test:${port}/`, guard([], resolver(addresses)))).rejects.toEqual(refused);
    expect(connections).toBe(0);
  },
);

test("the address that was checked is the address that is used, though the name changes at once", async () => {
  const lookup = resolver(["127.0.0.1"], ["127.0.0.2"]);
  const rebinding = guard(["127.0.0.1/32"], lookup);
  expect(await get(`http://name.test:${port}/`, rebinding)).toBe("127.0.0.1");
  expect(lookup.asked).toBe(1);
  expect(hosts).toEqual([`name.test:${port}`]);
  // A new connection is a new question, and its answer is judged anew.
  rebinding.http.destroy();
  await expect(get(`http://name.test:${port}/`, rebinding)).rejects.toEqual(refused);
  expect(connections).toBe(1);
});

test("a name that was public when it was saved and is private when it connects gets nothing", async () => {
  const lookup = resolver(["93.184.216.34"], ["127.0.0.1"]);
  const resolve = (name: string): Promise<string[]> =>
    new Promise((done) => {
      lookup(name, { all: true }, (_error, found) => done(found.map(({ address }) => address)));
    });
  const rule = createAddressRule({ allowedCidrs: [] });
  const url = `http://name.test:${port}/`;
  expect(await checkWebhookUrl(url, { rule, httpsOnly: false, resolve })).toEqual({ ok: true, url });
  await expect(get(url, guard([], lookup))).rejects.toEqual(refused);
  expect({ asked: lookup.asked, connections }).toEqual({ asked: 2, connections: 0 });
});

test("a caller cannot put its own lookup or a Unix socket in front of the guard", async () => {
  const own = { lookup: resolver(["127.0.0.1"]) };
  await expect(get(`http://name.test:${port}/`, guard([], resolver(["10.0.0.1"])), own)).rejects.toEqual(
    refused,
  );
  const socket = { socketPath: "/var/run/docker.sock" };
  expect(await get(`http://127.0.0.1:${port}/`, guard(["127.0.0.0/8"]), { ...socket, port })).toBe(
    "127.0.0.1",
  );
  expect(own.lookup.asked).toBe(0);
});

test("a lookup for a single address works as well", async () => {
  const single = { autoSelectFamily: false };
  expect(
    await get(`http://name.test:${port}/`, guard(["127.0.0.0/8"], resolver(["127.0.0.1"])), single),
  ).toBe("127.0.0.1");
  await expect(get(`http://name.test:${port}/`, guard([], resolver(["127.0.0.1"])), single)).rejects.toEqual(
    refused,
  );
});

test("a name without addresses fails as not found", async () => {
  await expect(get("http://name.test/", guard([], resolver([])))).rejects.toMatchObject({
    code: "ENOTFOUND",
  });
});

test("TLS asks for the name of the URL, not for the address", async () => {
  const hello = new Promise<Buffer>((resolve) => {
    const tcp = createTcpServer((socket) => {
      socket.once("data", (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
        tcp.close();
      });
    });
    tcp.listen(0, "127.0.0.1", () => {
      const url = `https://name.test:${(tcp.address() as AddressInfo).port}/`;
      get(url, guard(["127.0.0.0/8"], resolver(["127.0.0.1"]))).catch(() => undefined);
    });
  });
  expect((await hello).includes("name.test")).toBe(true);
});

test("twenty requests in a row use one connection and one lookup", async () => {
  const lookup = resolver(["127.0.0.1"]);
  const pooled = guard(["127.0.0.0/8"], lookup);
  for (let i = 0; i < 20; i += 1) await get(`http://name.test:${port}/`, pooled);
  expect({ connections, asked: lookup.asked }).toEqual({ connections: 1, asked: 1 });
});
