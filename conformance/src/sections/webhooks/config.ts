import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem } from "../../expect.ts";
import { absent, matching, text, timestamp, uuidV7 } from "../../shape.ts";
import type { World } from "../../world.ts";

const path = "/api/webhook/config";
const webhook_url = "https://example.com/hooks";

async function withoutWebhook(world: World) {
  const other = await world.organization("other");
  await other.call("DELETE", path);
  return other;
}

export const webhookConfigChecks = [
  check(
    "POST /api/webhook/config: 200 {organization_id, endpoint_id, webhook_url, signing_secret, updated_at, message, success: true}",
    async (world) => {
      const other = await withoutWebhook(world);
      const answer = await other.call("POST", path, {
        webhook_url,
        event_types: ["user.*"],
        timeout_ms: 1_000,
      });
      expectAnswer(answer, 200, {
        ...{
          organization_id: other.id,
          endpoint_id: uuidV7,
          webhook_url,
          updated_at: timestamp,
          message: text,
        },
        ...{ success: true, signing_secret: matching(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/) },
      });
      const { webhook_url: shown } = (await other.call("GET", "/api/keys")).body as { webhook_url: string };
      expectEqual("webhook_url in GET /api/keys", shown, webhook_url);
    },
  ),
  check("signing_secret the first time only; the one-endpoint shortcut keeps its endpoint", async (world) => {
    const other = await withoutWebhook(world);
    const first = await other.call("POST", path, { webhook_url });
    const { endpoint_id } = first.body as { endpoint_id: string };
    const changed = await other.call("POST", path, { webhook_url: `${webhook_url}/2` });
    expectAnswer(changed, 200, { endpoint_id, webhook_url: `${webhook_url}/2`, signing_secret: absent });
  }),
  check("old: url, auth_headers", async (world) => {
    const other = await withoutWebhook(world);
    const answer = await other.call("POST", path, {
      url: webhook_url,
      auth_headers: { authorization: "Basic x" },
    });
    expectAnswer(answer, 200, { webhook_url });
    expectFaults(await other.call("POST", path, { url: webhook_url, webhook_url }), "/url");
  }),
  check("GET and DELETE beside it", async (world) => {
    const other = await withoutWebhook(world);
    expectProblem(await other.call("GET", path), 404, "not_found");
    expectProblem(await other.call("DELETE", path), 404, "not_found");
    await other.call("POST", path, { webhook_url, headers: { "x-secret": "hidden" } });
    expectAnswer(await other.call("GET", path), 200, {
      webhook_url,
      endpoint_id: uuidV7,
      signing_secret: absent,
    });
    const deleted = await other.call("DELETE", path);
    expectEqual("the answer", [deleted.status, deleted.text], [204, ""]);
    expectProblem(await other.call("GET", path), 404, "not_found");
  }),
  check("event_types are types, `user.*` or `*`; timeout_ms is 1000..30000", async (world) => {
    const other = await world.organization("other");
    for (const type of ["user*", "*.created", ".user", ""]) {
      expectFaults(await other.call("POST", path, { webhook_url, event_types: [type] }), "/event_types/0");
    }
    for (const timeout_ms of [999, 30_001, "5000"]) {
      expectFaults(await other.call("POST", path, { webhook_url, timeout_ms }), "/timeout_ms");
    }
  }),
  check("custom headers can override none of ours, nor host, content-length, connection", async (world) => {
    const other = await world.organization("other");
    const ours = ["webhook-id", "Webhook-Signature", "webhook-timestamp", "x-event-id", "x-event-type"];
    for (const name of [
      ...ours,
      "x-delivery-attempt",
      "user-agent",
      "content-type",
      "Host",
      "content-length",
      "connection",
    ]) {
      expectProblem(
        await other.call("POST", path, { webhook_url, headers: { [name]: "x" } }),
        400,
        "invalid_request",
      );
    }
  }),
  check("user info in the URL and schemes other than http(s) are a 400", async (world) => {
    const other = await world.organization("other");
    for (const url of [
      "https://ada:secret@example.com/",
      "ftp://example.com/",
      "file:///etc/passwd",
      "/hooks",
      "no url",
    ]) {
      expectProblem(await other.call("POST", path, { webhook_url: url }), 400);
    }
    expectProblem(await other.call("POST", path, {}), 400, "invalid_request");
  }),
  check(
    "private, link-local, metadata, CGNAT, multicast and mapped addresses are refused when saved",
    async (world) => {
      const other = await world.organization("other");
      const hosts = [
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "0.0.0.0",
      ];
      for (const host of [
        ...hosts,
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "167772161",
      ]) {
        const answer = await other.call("POST", path, { webhook_url: `http://${host}/` });
        expectProblem(answer, 400, "webhook_url_refused");
      }
    },
  ),
  check("a name that does not resolve when saved is accepted", async (world) => {
    const other = await withoutWebhook(world);
    expectAnswer(await other.call("POST", path, { webhook_url: "https://conformance.invalid/" }), 200);
    await other.call("DELETE", path);
  }),
];
