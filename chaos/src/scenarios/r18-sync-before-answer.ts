import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, rowOf, type Scenario } from "../scenario.ts";
import { isSyncTraceable, traceSyncs } from "../sync-trace.ts";

/**
 * What no kill can show, since the kernel keeps what a dead process wrote: that the queue's file is on the disk before
 * the answer leaves. One request at a time, and no worker: a sync between a request and its answer is that request's.
 */
export const syncBeforeAnswer: Scenario = {
  name: "R18",
  title: "watching the queue's system calls",
  target: "an fsync inside every 202",
  roles: ["queue"],
  obstacle: () => (isSyncTraceable() ? undefined : "needs strace, and the right to use it"),
  async run(world) {
    let [acknowledged, unsynced] = [0, 0];
    let slowestMs = 0;
    const setup = { gateways: 1, workers: 0, hasReceivers: false, rate: 20, stallMs: 60_000 };
    const finding = await runUnderLoad(world, setup, async ({ system, load }) => {
      await load.stop();
      const client = await system.createClient();
      const [gateway] = system.parts("gateway");
      const [queue] = system.parts("queue");
      if (!gateway || !queue) throw new Error("Nothing is running.");
      // So that what is counted is the event alone, and not the first use of a key.
      await system.publish(client, { number: -1 }, gateway);
      const trace = await traceSyncs(queue.pid);
      const answers: { from: number; to: number }[] = [];
      for (let number = 2; number < (world.isQuick ? 50 : 500); number += 1) {
        const from = Date.now();
        const { outcome } = await system.publish(client, { number: -number }, gateway);
        if (outcome === "accepted") answers.push({ from, to: Date.now() });
        await pause(5);
      }
      const syncs = await trace.stop();
      acknowledged = answers.length;
      // The clocks are one, in milliseconds.
      const isSynced = ({ from, to }: { from: number; to: number }) =>
        syncs.some(({ beganAt, tookMs }) => beganAt >= from - 1 && beganAt + tookMs <= to + 1);
      unsynced = answers.filter((answer) => !isSynced(answer)).length;
      slowestMs = Math.max(0, ...syncs.map(({ tookMs }) => tookMs));
      world.say(`${answers.length} acknowledged, ${syncs.length} syncs`);
      await system.start("worker");
    });
    const row = rowOf(finding, undefined, [
      mustHold("requests were watched", acknowledged > 0, `${acknowledged}`),
      mustHold("every 202 had an fsync before it", unsynced === 0, `${unsynced} of ${acknowledged} had none`),
    ]);
    const measured = `${acknowledged - unsynced} of ${acknowledged} synced, the slowest sync ${slowestMs.toFixed(1)} ms`;
    return { ...row, measured };
  },
};
