import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ DRAIN_NOTICE_MS: "5000" });
});
afterAll(() => gateway.stop());

test("a request on a connection that was idle when the drain began is answered, and told to take another", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = async () => {
    const sent = request(`${gateway.url}/health/live`, { agent }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    return {
      reused: sent.reusedSocket,
      status: response.statusCode,
      connection: response.headers.connection,
    };
  };
  expect(await get()).toMatchObject({ reused: false, status: 200, connection: "keep-alive" });

  const drained = gateway.drain();
  expect(await get()).toEqual({ reused: true, status: 200, connection: "close" });
  agent.destroy();
  const late = request(`${gateway.url}/health/live`).end();
  await expect(once(late, "response")).rejects.toThrow("ECONNREFUSED");
  await drained;
});
