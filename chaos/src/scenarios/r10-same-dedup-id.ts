import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, rowOf, type Scenario } from "../scenario.ts";
import type { PublishAnswer } from "../system.ts";

/** Beside the load, a thousand clients send one and the same event over two gateways at the same moment. */
export const sameDedupId: Scenario = {
  name: "R10",
  title: "1 000 requests with one dedup id",
  target: "one 202, 999 × 409 with its id, one row",
  roles: ["gateway"],
  async run(world) {
    const rounds = world.isQuick ? 1 : 5;
    const seen: { accepted: number; duplicates: number; refusedFirst: number; ids: number; rows: number }[] =
      [];
    const finding = await runUnderLoad(
      world,
      { gateways: 2, workers: 1 },
      async ({ system, settle, load }) => {
        const client = await system.createClient();
        const gateways = system.parts("gateway");
        // Each gateway has checked the key before: this is about the event.
        for (const gateway of gateways) await system.publish(client, { number: -100 }, gateway);
        const answers: PublishAnswer[][] = [];
        for (let round = 0; round < rounds; round += 1) {
          const event = { number: -1 - round, dedupId: `same-${round}` };
          const send = (index: number) => {
            const gateway = gateways[index % gateways.length];
            if (!gateway) throw new Error("No gateway is running.");
            return system.publish(client, event, gateway);
          };
          const first = await Promise.all(Array.from({ length: 1_000 }, (_, index) => send(index)));
          const isRefused = ({ outcome }: PublishAnswer) => outcome === "refused";
          const last = await Promise.all(
            first.map(async (answer, index) => (isRefused(answer) ? repeat(() => send(index)) : answer)),
          );
          const count = (outcome: PublishAnswer["outcome"]) =>
            last.filter((answer) => answer.outcome === outcome).length;
          seen.push({
            accepted: count("accepted"),
            duplicates: count("duplicate"),
            refusedFirst: first.filter(isRefused).length,
            ids: new Set(last.map(({ id }) => id)).size,
            rows: 0,
          });
          answers.push(last);
        }
        await load.stop();
        await settle();
        const stored = await system.stored(client);
        for (const [round, row] of seen.entries()) {
          const id = answers[round]?.[0]?.id;
          const own = stored.filter(({ number }) => number === -1 - round);
          row.rows =
            own.filter((event) => event.id === id).length +
            own.filter((event) => event.id !== id).length * 1_000;
          world.say(JSON.stringify(row));
        }
      },
    );
    // Where an answer came too late, the 202 itself may be what the client did not get.
    const isRight = ({ accepted, duplicates, refusedFirst, ids, rows }: (typeof seen)[number]) =>
      (accepted === 1 || (accepted === 0 && refusedFirst > 0)) &&
      accepted + duplicates === 1_000 &&
      ids === 1 &&
      rows === 1;
    const wrong = seen.find((row) => !isRight(row));
    const refused = seen.reduce((sum, { refusedFirst }) => sum + refusedFirst, 0);
    return rowOf(finding, undefined, [
      mustHold(
        "one 202, 999 × 409 with its id, one row",
        wrong === undefined,
        JSON.stringify(wrong ?? seen[0]),
      ),
      mustHold("nobody had to ask twice", refused === 0 || world.slack > 1, `${refused} had to`),
    ]);
  },
};

/** As a client that was refused for the time being does. */
async function repeat(send: () => Promise<PublishAnswer>): Promise<PublishAnswer> {
  let answer = await send();
  for (let attempt = 0; attempt < 20 && answer.outcome === "refused"; attempt += 1) {
    await pause(250);
    answer = await send();
  }
  return answer;
}
