import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { storedCount } from "../stored-count.ts";

/**
 * At the wipe some deliveries wait for their first attempt, some are under way, and some wait for a retry: receivers
 * refuse every second event once, and hold back all other answers until then.
 */
export const wipeQueue: Scenario = {
  name: "R5",
  title: "FLUSHALL of Redis after persisting",
  target: "every delivery and retry still goes out",
  roles: ["queue", "worker"],
  async run(world) {
    let openAtWipe = 0;
    let wipedAt = 0;
    const finding = await runUnderLoad(world, { gateways: 1, workers: 2 }, async (experiment) => {
      const { system, receiver, ledger, load } = experiment;
      let isHolding = true;
      const held: ServerResponse[] = [];
      receiver.respondWith(({ number }, response, attempt) => {
        // Once only: a second failure would put the next attempt off by five minutes.
        if (attempt === 1 && number % 2 === 0) response.writeHead(500).end();
        else if (isHolding) held.push(response);
        else response.end("ok");
      });
      await pause(world.isQuick ? 3_000 : 8_000);
      await load.stop();
      while ((await storedCount(experiment)) < [...ledger.entries.values()].filter((e) => e.id).length)
        await pause(100);
      openAtWipe = [...ledger.entries.keys()].filter((number) => !ledger.receipts.has(number)).length;
      await system.wipeQueue();
      wipedAt = performance.now();
      isHolding = false;
      for (const response of held) response.end("ok");
      world.say(`wiped with ${openAtWipe} deliveries open`);
    });
    const last = Math.max(...[...finding.experiment.ledger.receipts.values()].map(({ firstAt }) => firstAt));
    return rowOf(finding, last - wipedAt, [
      mustHold("deliveries were open at the wipe", openAtWipe > 0, `${openAtWipe}`),
      // A retry's time, the minute that its job gets, and a sweep; then they wait in line.
      mustTake("all have come", last - wipedAt, 150_000, world),
    ]);
  },
};
