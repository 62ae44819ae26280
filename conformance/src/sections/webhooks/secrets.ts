import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem, expectTrue } from "../../expect.ts";
import { absent, matching, timestamp } from "../../shape.ts";
import { expectSignedBy } from "./signature.ts";
import { withEndpoint } from "./with-endpoint.ts";

const secret = matching(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/);
const secretOf = (answer: { body: unknown }) => (answer.body as { signing_secret: string }).signing_secret;

export const secretChecks = [
  check("GET :id/secret (admin): 200 {signing_secret}", async (world) =>
    withEndpoint(world, {}, async ({ main, created, call }) => {
      const shown = await call("GET", "/secret");
      expectAnswer(shown, 200, {
        signing_secret: created.signing_secret,
        previous_secret_expires_at: absent,
      });
      for (const scope of ["read", "endpoints"]) {
        const key = await main.call("POST", "/api/keys", { scopes: [scope] });
        const { api_key } = key.body as { api_key: string };
        const path = `/api/endpoints/${created.id}/secret`;
        expectProblem(await main.callWith(api_key, "GET", path), 403, "missing_scope");
      }
    }),
  ),
  check("POST :id/secret/rotate {overlap_seconds=86400}: one signature per live secret", async (world) =>
    withEndpoint(world, {}, async ({ created, call, receiver, publish }) => {
      const rotated = await call("POST", "/secret/rotate", {});
      expectAnswer(rotated, 200, { signing_secret: secret, previous_secret_expires_at: timestamp });
      const { previous_secret_expires_at } = rotated.body as { previous_secret_expires_at: string };
      const off = Math.abs(Date.parse(previous_secret_expires_at) - Date.now() - 86_400_000);
      expectTrue("an overlap of a day", off < 60_000, previous_secret_expires_at);
      expectTrue("a new secret", secretOf(rotated) !== created.signing_secret, "the same");
      const [webhook] = await receiver.waitFor(1, await publish());
      expectSignedBy(webhook, [secretOf(rotated), created.signing_secret]);
      expectAnswer(await call("GET", "/secret"), 200, {
        ...{ signing_secret: secretOf(rotated), previous_secret_expires_at },
      });
    }),
  ),
  check("overlap_seconds 0 ends the old ones at once; an overlap ends by itself", async (world) =>
    withEndpoint(world, {}, async ({ created, call, receiver, publish }) => {
      const first = await call("POST", "/secret/rotate", { overlap_seconds: 600 });
      const second = await call("POST", "/secret/rotate", { overlap_seconds: 0 });
      expectAnswer(second, 200, { signing_secret: secret });
      const [webhook] = await receiver.waitFor(1, await publish());
      expectSignedBy(webhook, [secretOf(second)]);
      const short = await call("POST", "/secret/rotate", { overlap_seconds: 1 });
      const endsAt = Date.now() + 2_000;
      const known = [created.signing_secret, secretOf(first), secretOf(second)];
      expectTrue("a secret of its own", !known.includes(secretOf(short)), known);
      while (Date.now() < endsAt) await call("GET", "");
      const [later] = await receiver.waitFor(1, await publish());
      expectSignedBy(later, [secretOf(short)]);
    }),
  ),
  check("overlaps may overlap; earlier ones end no later than the newest", async (world) =>
    withEndpoint(world, {}, async ({ created, call, receiver, publish }) => {
      const first = await call("POST", "/secret/rotate", { overlap_seconds: 604_800 });
      const second = await call("POST", "/secret/rotate", { overlap_seconds: 600 });
      const [webhook] = await receiver.waitFor(1, await publish());
      expectSignedBy(webhook, [created.signing_secret, secretOf(first), secretOf(second)]);
      const { previous_secret_expires_at } = second.body as { previous_secret_expires_at: string };
      expectTrue(
        "an end within 600 s",
        Date.parse(previous_secret_expires_at) < Date.now() + 660_000,
        second.text,
      );
    }),
  ),
  check(
    "overlap_seconds outside its range is a 400, a rotation past five live secrets a 409",
    async (world) =>
      withEndpoint(world, {}, async ({ call }) => {
        for (const overlap_seconds of [-1, 604_801, 1.5]) {
          expectFaults(await call("POST", "/secret/rotate", { overlap_seconds }), "/overlap_seconds");
        }
        expectProblem(await call("POST", "/secret/rotate", { overlap: 1 }), 400, "unknown_field");
        for (let nth = 2; nth <= 5; nth += 1) expectAnswer(await call("POST", "/secret/rotate", {}), 200);
        expectProblem(await call("POST", "/secret/rotate", {}), 409, "secret_limit_reached");
        expectAnswer(await call("POST", "/secret/rotate", { overlap_seconds: 0 }), 200);
      }),
  ),
  check("an own secret of the receiver's signs", async (world) => {
    const signing_secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
    await withEndpoint(world, { signing_secret }, async ({ created, receiver, publish }) => {
      expectEqual("signing_secret", created.signing_secret, signing_secret);
      const [webhook] = await receiver.waitFor(1, await publish());
      expectSignedBy(webhook, [signing_secret]);
    });
  }),
];
