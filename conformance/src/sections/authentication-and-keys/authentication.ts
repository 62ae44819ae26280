import { randomBytes } from "node:crypto";
import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectHeader, expectProblem, expectTrue } from "../../expect.ts";

const someId = "0198a000-0000-7000-8000-000000000000";
const keyedRoutes: [method: string, path: string][] = [
  ["GET", "/api/keys"],
  ["POST", "/api/keys"],
  ["POST", "/api/keys/rotate"],
  ["DELETE", "/api/keys/some"],
  ["POST", "/api/events"],
  ["POST", "/api/events/batch"],
  ["GET", "/api/events"],
  ["GET", `/api/events/${someId}`],
  ["DELETE", `/api/events/${someId}`],
  ["GET", "/api/inbox"],
  ["POST", `/api/inbox/ack/${someId}`],
  ["POST", `/api/ack/${someId}`],
  ["POST", "/api/inbox/ack"],
  ["POST", "/api/inbox/lease"],
  ["POST", "/api/inbox/release"],
  ["POST", "/api/inbox/extend"],
  ["POST", "/api/inbox/redrive"],
  ["GET", "/api/inbox/stream"],
  ["GET", "/api/inbox/stats"],
  ["POST", "/api/webhook/config"],
  ["GET", "/api/webhook/config"],
  ["DELETE", "/api/webhook/config"],
  ["POST", "/api/endpoints"],
  ["GET", "/api/endpoints"],
  ["GET", `/api/endpoints/${someId}`],
  ["PATCH", `/api/endpoints/${someId}`],
  ["DELETE", `/api/endpoints/${someId}`],
  ["GET", `/api/endpoints/${someId}/secret`],
  ["POST", `/api/endpoints/${someId}/secret/rotate`],
  ["POST", `/api/endpoints/${someId}/test`],
  ["GET", `/api/endpoints/${someId}/stats`],
  ["POST", `/api/endpoints/${someId}/disable`],
  ["POST", `/api/endpoints/${someId}/enable`],
  ["POST", `/api/endpoints/${someId}/replay`],
  ["GET", "/api/deliveries"],
  ["GET", `/api/deliveries/${someId}`],
  ["POST", `/api/deliveries/${someId}/retry`],
  ["POST", "/api/deliveries/retry"],
  ["GET", "/api/replays"],
  ["GET", `/api/replays/${someId}`],
  ["DELETE", `/api/replays/${someId}`],
];

export const authenticationChecks = [
  check(
    "every /api route except POST /api/keys/generate and /api/health* needs a key: 401",
    async (world) => {
      for (const [method, path] of keyedRoutes) {
        const answer = await world.call(method, path);
        expectProblem(answer, 401, "missing_api_key");
        expectHeader(answer, "WWW-Authenticate", /./);
      }
      expectAnswer(await world.call("GET", "/api/health"), 200);
      expectAnswer(await world.call("GET", "/api/health/detailed"), 200);
    },
  ),
  check("a key comes as X-API-Key or as Authorization: Bearer", async (world) => {
    const { apiKey } = await world.organization("main");
    expectAnswer(await world.call("GET", "/api/keys", undefined, { "x-api-key": apiKey }), 200);
    const bearer = { authorization: `Bearer ${apiKey}` };
    expectAnswer(await world.call("GET", "/api/keys", undefined, bearer), 200);
  }),
  check("wrong key: 401 with WWW-Authenticate", async (world) => {
    const { apiKey } = await world.organization("main");
    for (const key of ["nonsense", apiKey.slice(0, -1), `${apiKey}x`, apiKey.toUpperCase()]) {
      const answer = await world.call("GET", "/api/inbox", undefined, { "x-api-key": key });
      expectProblem(answer, 401, "invalid_api_key");
      expectHeader(answer, "WWW-Authenticate", /./);
    }
  }),
  check("the same answer for an unknown id and a wrong secret", async (world) => {
    const [, , id = "", secret = ""] =
      /^(trg_live)_([^_]+)_(.+)$/.exec((await world.organization("main")).apiKey) ?? [];
    const other = /_([^_]+)_(.+)$/.exec((await world.organization("other")).apiKey)?.[2] ?? "";
    const unknownId = randomBytes(id.length).toString("hex").slice(0, id.length);
    const answers = [];
    for (const key of [`trg_live_${unknownId}_${secret}`, `trg_live_${id}_${other}`]) {
      const answer = await world.call("GET", "/api/keys", undefined, { "x-api-key": key });
      const body: Record<string, unknown> = { ...(answer.body as object), request_id: "" };
      answers.push([answer.status, answer.headers["www-authenticate"], body]);
    }
    expectEqual("the status", answers[0]?.[0], 401);
    expectEqual("the answer to a wrong secret", answers[1], answers[0]);
  }),
  check("two different keys in one request: 400", async (world) => {
    const [{ apiKey }, other] = [await world.organization("main"), await world.organization("other")];
    const headers = { "x-api-key": apiKey, authorization: `Bearer ${other.apiKey}` };
    expectProblem(await world.call("GET", "/api/keys", undefined, headers), 400, "conflicting_api_keys");
  }),
  check("a key is shown once, at creation", async (world) => {
    const main = await world.organization("main");
    const secret = /_([^_]+)_(.+)$/.exec(main.apiKey)?.[2] ?? main.apiKey;
    const { text } = await main.call("GET", "/api/keys");
    expectTrue("GET /api/keys without a secret", !text.includes(secret), text);
  }),
  check("a key never appears in a metric or an error", async (world) => {
    const { apiKey } = await world.organization("main");
    const wrong = `${apiKey}x`;
    const error = await world.call("GET", "/api/keys", undefined, { "x-api-key": wrong });
    const metrics = await world.call("GET", "/metrics");
    expectTrue("no key", !(error.text + metrics.text).includes(apiKey), error.text);
  }),
  check("another organization's resource is 404, never 403", async (world) => {
    const [main, other] = [await world.organization("main"), await world.organization("other")];
    const { id } = (await main.publish()).body as { id: string };
    const keyId = String(main.generated.key_id);
    for (const [method, path] of [
      ["GET", `/api/events/${id}`],
      ["DELETE", `/api/events/${id}`],
      ["POST", `/api/inbox/ack/${id}`],
      ["POST", `/api/ack/${id}`],
      ["DELETE", `/api/keys/${keyId}`],
    ] as const) {
      expectProblem(await other.call(method, path), 404, "not_found");
    }
    expectAnswer(await main.call("GET", `/api/events/${id}`), 200, { id });
  }),
];
