import { runUnderLoad } from "../experiment.ts";
import { mustHold, rowOf, type Scenario } from "../scenario.ts";
import type { PublishAnswer } from "../system.ts";

/** Beside the load, a thousand clients send one and the same event over two gateways at the same moment. */
export const sameDedupId: Scenario = {
  name: "R10",
  title: "1 000 requests with one dedup id",
  target: "one 202, 999 × 409 with its id, one row",
  async run(world) {
    const rounds = world.isQuick ? 1 : 5;
    const seen: { accepted: number; duplicates: number; others: number; ids: number; rows: number }[] = [];
    const finding = await runUnderLoad(
      world,
      { gateways: 2, workers: 1 },
      async ({ system, settle, load }) => {
        const client = await system.createClient();
        const gateways = system.parts("gateway");
        const answers: PublishAnswer[][] = [];
        for (let round = 0; round < rounds; round += 1) {
          const event = { number: -1 - round, dedupId: `same-${round}` };
          answers.push(
            await Promise.all(
              Array.from({ length: 1_000 }, (_, index) => {
                const gateway = gateways[index % gateways.length];
                if (!gateway) throw new Error("No gateway is running.");
                return system.publish(client, event, gateway);
              }),
            ),
          );
        }
        await load.stop();
        await settle();
        const stored = await system.stored(client);
        for (const [round, own] of answers.entries()) {
          const count = (outcome: PublishAnswer["outcome"]) =>
            own.filter((answer) => answer.outcome === outcome).length;
          const [accepted, duplicates] = [count("accepted"), count("duplicate")];
          const ids = new Set(own.map(({ id }) => id));
          const rows = stored.filter(({ number, id }) => number === -1 - round && ids.has(id)).length;
          const row = {
            accepted,
            duplicates,
            others: own.length - accepted - duplicates,
            ids: ids.size,
            rows,
          };
          world.say(JSON.stringify(row));
          seen.push(row);
        }
      },
    );
    const wrong = seen.filter(
      ({ accepted, duplicates, ids, rows }) =>
        accepted !== 1 || duplicates !== 999 || ids !== 1 || rows !== 1,
    );
    return rowOf(finding, undefined, [
      mustHold(
        "each round has one 202, 999 × 409 with its id, and one row",
        wrong.length === 0,
        JSON.stringify(wrong[0] ?? seen[0]),
      ),
    ]);
  },
};
