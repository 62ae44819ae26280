import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem } from "../../expect.ts";
import type { Organization, World } from "../../world.ts";

const path = "/api/endpoints";
const url = "https://example.com/hooks";
const days = (count: number) => count * 86_400;

/** Values that are refused, by field. */
const refused: Record<string, unknown[]> = {
  timeout_ms: [999, 30_001, 1_000.5, "5000"],
  rate_limit_per_second: [0, -1, 10_001, 1.5],
  max_in_flight: [0, 1_001, 2.5],
  retry_schedule: [Array.from({ length: 21 }, () => 1), Array.from({ length: 20 }, () => 1), [0, 5, 0], "5"],
  format: ["xml", ""],
  name: ["", "x".repeat(256), 5],
  subscriber: ["", "x".repeat(256)],
  enabled: ["yes", 1],
  event_types: [[], Array.from({ length: 101 }, (_, index) => `a.${index}`), "user.*"],
};
/** Values that are accepted at the very edge. */
const accepted: Record<string, unknown[]> = {
  timeout_ms: [1_000, 30_000],
  rate_limit_per_second: [1, 10_000],
  max_in_flight: [1, 1_000],
  retry_schedule: [[0], [0, ...Array.from({ length: 19 }, () => 60)], [0, days(1)]],
  format: ["standard", "cloudevents"],
  event_types: [["*"], ["user.*", "order.created"], ["endpoint.*"]],
};

async function created(organization: Organization, fields: Record<string, unknown>) {
  const answer = await organization.call("POST", path, { url, ...fields });
  expectAnswer(answer, 201);
  return answer.body as Record<string, unknown> & { id: string };
}

/** The same faults when it is created and when it is changed. */
async function bothWays(
  world: World,
  ask: (send: (fields: object) => ReturnType<Organization["call"]>) => Promise<void>,
) {
  const other = await world.organization("other");
  const { id } = await created(other, { event_types: ["never.sent"] });
  await ask((fields) => other.call("POST", path, { url, ...fields }));
  await ask((fields) => other.call("PATCH", `${path}/${id}`, fields));
  await other.call("DELETE", `${path}/${id}`);
}

export const endpointFieldChecks = [
  check("a field outside its range is a 400, when it is created and when it is changed", async (world) =>
    bothWays(world, async (send) => {
      for (const [name, values] of Object.entries(refused)) {
        for (const value of values) expectFaults(await send({ [name]: value }), `/${name}`);
      }
      expectFaults(await send({ timeout_ms: 1, max_in_flight: 0 }), "/timeout_ms", "/max_in_flight");
    }),
  ),
  check("a field at the edge of its range is accepted", async (world) => {
    const other = await world.organization("other");
    for (const [name, values] of Object.entries(accepted)) {
      for (const value of values) {
        const shown = await created(other, { [name]: value });
        expectEqual(name, shown[name], value);
        await other.call("DELETE", `${path}/${shown.id}`);
      }
    }
  }),
  check(
    "retry_schedule: the first attempt is always made at once, [0, 5, 60] and [5, 60] are the same",
    async (world) => {
      const other = await world.organization("other");
      const { id, retry_schedule } = await created(other, { retry_schedule: [5, 60] });
      expectEqual("retry_schedule", retry_schedule, [0, 5, 60]);
      await other.call("DELETE", `${path}/${id}`);
    },
  ),
  check("retry_schedule: each delay at most 24 h, all together at most 5 days", async (world) =>
    bothWays(world, async (send) => {
      for (const delay of [-1, days(1) + 1, 1.5, "5"]) {
        expectFaults(await send({ retry_schedule: [0, delay] }), "/retry_schedule/1");
      }
      const long = [0, ...Array.from({ length: 6 }, () => days(1))];
      expectFaults(await send({ retry_schedule: long }), "/retry_schedule");
    }),
  ),
  check("event_types are types, `user.*` or `*`", async (world) =>
    bothWays(world, async (send) => {
      for (const type of ["user*", "*.created", ".user", "", "a b", "x".repeat(300)]) {
        expectFaults(await send({ event_types: [type] }), "/event_types/0");
      }
    }),
  ),
  check("custom headers can override none of ours, nor host, content-length, connection", async (world) =>
    bothWays(world, async (send) => {
      const ours = ["webhook-id", "Webhook-Signature", "webhook-timestamp", "x-event-id", "X-Event-Type"];
      const others = ["x-delivery-attempt", "user-agent", "content-type", "Host", "content-length"];
      const ofConnections = ["connection", "transfer-encoding", "upgrade", "keep-alive", "te", "expect"];
      for (const name of [...ours, ...others, ...ofConnections]) {
        expectProblem(await send({ headers: { [name]: "x" } }), 400, "invalid_request");
      }
      for (const value of ["a\r\nx-injected: 1", "a\u0000", 5]) {
        expectProblem(await send({ headers: { "x-custom": value } }), 400, "invalid_request");
      }
      expectProblem(await send({ headers: { "x custom": "x" } }), 400, "invalid_request");
    }),
  ),
  check("user info in the URL and schemes other than http(s) are a 400", async (world) =>
    bothWays(world, async (send) => {
      const schemes = ["ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "//example.com/"];
      for (const bad of [
        ...schemes,
        "https://ada:secret@example.com/",
        "https://ada@example.com/",
        "no url",
        "",
      ]) {
        expectProblem(await send({ url: bad }), 400);
      }
    }),
  ),
  check(
    "private, link-local, metadata, CGNAT, multicast and mapped addresses are refused when saved",
    async (world) =>
      bothWays(world, async (send) => {
        const v4 = [
          "10.0.0.1",
          "192.168.0.1",
          "172.31.255.255",
          "169.254.169.254",
          "100.127.0.1",
          "239.0.0.1",
        ];
        const v6 = [
          "[fe80::1]",
          "[fd00::1]",
          "[ff02::1]",
          "[::]",
          "[::ffff:10.0.0.1]",
          "[64:ff9b::a00:1]",
          "[2002:a00:1::]",
        ];
        for (const host of [
          ...v4,
          "0.0.0.0",
          "255.255.255.255",
          ...v6,
          "0xa000001",
          "012.0.0.1",
          "167772161",
        ]) {
          expectProblem(await send({ url: `http://${host}/` }), 400, "webhook_url_refused");
        }
      }),
  ),
  check("a name that does not resolve when saved is accepted: the connect decides", async (world) => {
    const other = await world.organization("other");
    const { id } = await created(other, { url: "https://conformance.invalid/" });
    const changed = await other.call("PATCH", `${path}/${id}`, { url: "https://other.invalid/" });
    expectAnswer(changed, 200, { url: "https://other.invalid/" });
    await other.call("DELETE", `${path}/${id}`);
  }),
  check("an own signing_secret: whsec_ + base64 of 24..64 bytes", async (world) => {
    const other = await world.organization("other");
    for (const bytes of [24, 64]) {
      const signing_secret = `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;
      const { id, signing_secret: shown } = await created(other, { signing_secret });
      expectEqual("signing_secret", shown, signing_secret);
      await other.call("DELETE", `${path}/${id}`);
    }
    for (const secret of [Buffer.alloc(23, 7), Buffer.alloc(65, 7)].map((one) => one.toString("base64"))) {
      const answer = await other.call("POST", path, { url, signing_secret: `whsec_${secret}` });
      expectFaults(answer, "/signing_secret");
    }
  }),
];
