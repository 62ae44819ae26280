import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ApiClient, ReceivedWebhook, Receiver } from "@triggers/testing";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;

beforeAll(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  await system.startWorker();
}, 30_000);

afterAll(() => system.stop());

/** The next event, as it came to the receiver. */
const deliver = async (client: ApiClient): Promise<ReceivedWebhook> => {
  const id = await publishOne(client);
  const [webhook] = await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === id);
  if (!webhook) throw new Error("nothing came");
  return webhook;
};
const headersOf = ({ headers }: ReceivedWebhook) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

describe.each([
  ["standardwebhooks", (secret: string) => new StandardWebhook(secret)],
  ["svix", (secret: string) => new SvixWebhook(secret)],
])("the npm package %s, unmodified", (_name, createVerifier) => {
  const isVerified = (secret: string, webhook: ReceivedWebhook): boolean => {
    try {
      createVerifier(secret).verify(webhook.body.toString(), headersOf(webhook));
      return true;
    } catch {
      return false;
    }
  };

  test("verifies before, during and after a rotation, with the secrets that are live then", async () => {
    const client = await system.createClient();
    const created = await client.request("POST", "/api/endpoints", { url: receiver.url });
    const { id, signing_secret: old } = created.body as { id: string; signing_secret: string };
    const rotate = async (overlapSeconds: number) => {
      const path = `/api/endpoints/${id}/secret/rotate`;
      const { body } = await client.request("POST", path, { overlap_seconds: overlapSeconds });
      return body as { signing_secret: string; previous_secret_expires_at: string };
    };
    const before = await deliver(client);
    expect(isVerified(old, before)).toBe(true);

    const { signing_secret: next } = await rotate(600);
    const during = await deliver(client);
    expect([isVerified(old, during), isVerified(next, during)]).toEqual([true, true]);
    expect(isVerified(next, before)).toBe(false);

    const { signing_secret: last } = await rotate(600);
    const twice = await deliver(client);
    expect([old, next, last].map((secret) => isVerified(secret, twice))).toEqual([true, true, true]);
    expect(String(twice.headers["webhook-signature"]).split(" ")).toHaveLength(3);

    const { signing_secret: only } = await rotate(0);
    const after = await deliver(client);
    expect([old, next, last, only].map((secret) => isVerified(secret, after))).toEqual([
      ...[false, false, false],
      true,
    ]);
  });

  test("stops verifying with the old secret when its overlap is over, by itself", async () => {
    const client = await system.createClient();
    const created = await client.request("POST", "/api/endpoints", { url: receiver.url });
    const { id, signing_secret: old } = created.body as { id: string; signing_secret: string };
    const path = `/api/endpoints/${id}/secret/rotate`;
    const { body } = await client.request("POST", path, { overlap_seconds: 1 });
    const endsAt = Date.parse(body.previous_secret_expires_at as string);
    let webhook = await deliver(client);
    while (Number(webhook.headers["webhook-timestamp"]) * 1_000 <= endsAt) webhook = await deliver(client);
    expect([isVerified(old, webhook), isVerified(body.signing_secret as string, webhook)]).toEqual([
      ...[false, true],
    ]);
  });
});
