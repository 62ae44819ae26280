import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { callApi, eventually } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const call = (method: string, path: string, headers?: Record<string, string>) =>
  callApi(gateway.url, method, path, undefined, headers);

describe("health (contract, section 6)", () => {
  test.each(["/health", "/api/health", "/api/health/detailed"])(
    "%s is healthy without a key",
    async (path) => {
      const answer = await call("GET", path);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ status: "healthy", version: "0.1.0" });
    },
  );

  test("says what it is, and where to go on", async () => {
    const { status, body } = await call("GET", "/");
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "Triggers API", version: "0.1.0" });
    const { health, ready } = (body as { links: Record<"health" | "ready", string> }).links;
    expect((await call("GET", health)).status).toBe(200);
    await eventually(async () => expect((await call("GET", ready)).status).toBe(200));
  });

  test("is alive, and ready as soon as the schema is checked", async () => {
    expect((await call("GET", "/health/live")).body).toEqual({ status: "live" });
    await eventually(async () => {
      const answer = await call("GET", "/health/ready");
      expect([answer.status, answer.body]).toEqual([200, { status: "ready" }]);
    });
  });

  test("the details name both dependencies and nothing that stands in the way", async () => {
    await eventually(async () => {
      const { body } = await call("GET", "/api/health/detailed");
      expect(body).toMatchObject({ dependencies: { redis: "up", postgres: "up" }, blockers: [] });
    });
  });
});

describe("a drain", () => {
  test("answers what is in hand and does not wait for clients that keep their connections", async () => {
    const second = await gateway.startAnother();
    const { apiKey } = await second.createClient();
    const port = Number(new URL(second.url).port);
    const silent = connect(port, "127.0.0.1");
    await once(silent, "connect");
    const agent = new Agent({ keepAlive: true });
    const body = JSON.stringify({ type: "user.created", payload: {} });
    const inHand = request({
      ...{ port, agent, method: "POST", path: "/api/events" },
      headers: {
        "x-api-key": apiKey,
        "content-type": "application/json",
        "content-length": body.length,
        expect: "100-continue",
      },
    });
    inHand.flushHeaders();
    // From here on the server has the request, and waits for its body.
    await once(inHand, "continue");

    const drained = second.drain();
    inHand.end(body);
    const [response] = (await once(inHand, "response")) as [IncomingMessage];
    response.resume();
    expect([response.statusCode, response.headers.connection]).toEqual([202, "close"]);
    await drained;

    await expect(callApi(second.url, "GET", "/health")).rejects.toThrow();
    agent.destroy();
    silent.destroy();
  }, 10_000);
});
