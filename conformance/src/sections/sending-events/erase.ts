import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectProblem, expectTrue } from "../../expect.ts";
import { oneOf } from "../../shape.ts";
import type { Organization, World } from "../../world.ts";

const path = "/api/events";
const secret = "personal-data-of-ada";
const someId = "0198a000-0000-7000-8000-000000000000";

async function publishSecret(world: World): Promise<{ main: Organization; id: string }> {
  const main = await world.organization("main");
  const { id } = (await main.publish({ payload: { secret }, metadata: { secret } })).body as { id: string };
  return { main, id };
}

async function expectErased(main: Organization, id: string): Promise<void> {
  const shown = await main.call("GET", `${path}/${id}`);
  expectAnswer(shown, 200, { id, payload: null });
  expectTrue("no trace of the payload", !shown.text.includes(secret), shown.text);
}

export const eraseChecks = [
  check("DELETE /api/events/:id: 204, payload erased everywhere", async (world) => {
    const { main, id } = await publishSecret(world);
    await eventually(async () =>
      expectAnswer(await main.call("GET", `${path}/${id}`), 200, { status: "pending" }),
    );
    const answer = await main.call("DELETE", `${path}/${id}`);
    expectEqual("the answer", [answer.status, answer.text], [204, ""]);
    await expectErased(main, id);
    const lists = [await main.call("GET", path), await main.call("GET", "/api/inbox?status=all&order=desc")];
    for (const { text } of lists)
      expectTrue("no trace of the payload in lists", !text.includes(secret), text);
  }),
  check("DELETE /api/events/:id: also when the event is still queued", async (world) => {
    for (let round = 0; round < 10; round += 1) {
      const { main, id } = await publishSecret(world);
      expectEqual("the status", (await main.call("DELETE", `${path}/${id}`)).status, 204);
      await expectErased(main, id);
      await eventually(async () => {
        const stored = await main.call("GET", `${path}?limit=20`);
        const ids = (stored.body as { events: { id: string }[] }).events.map((event) => event.id);
        expectTrue("it stored", ids.includes(id), ids);
      });
      await expectErased(main, id);
    }
  }),
  check("DELETE /api/events/:id: again 204, unknown 404, no id 400", async (world) => {
    const { main, id } = await publishSecret(world);
    expectEqual("the status", (await main.call("DELETE", `${path}/${id}`)).status, 204);
    expectEqual("the status of the second", (await main.call("DELETE", `${path}/${id}`)).status, 204);
    expectProblem(await main.call("DELETE", `${path}/${someId}`), 404, "not_found");
    const noId = await main.call("DELETE", `${path}/no-id`);
    expectAnswer(noId, 400, { status: oneOf(400) });
  }),
];
