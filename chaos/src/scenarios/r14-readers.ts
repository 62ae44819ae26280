import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, rowOf, type Scenario } from "../scenario.ts";
import type { Client, EventSystem } from "../system.ts";

/** Batches commit out of order: four workers, one of which freezes again and again in the middle of what it does. */
export const readers: Scenario = {
  name: "R14",
  title: "readers while a worker freezes",
  target: "each reads every event exactly once",
  async run(world) {
    const read = new Map<string, { ids: string[]; client: Client }>();
    const setup = { gateways: 2, workers: 4, hasReceivers: false };
    let missed: string[] = [];
    let repeated: string[] = [];
    const finding = await runUnderLoad(world, setup, async ({ system, clients, load, settle }) => {
      const isOver = new AbortController();
      const reading = clients.map(async (client) => {
        const own = { ids: [], client };
        read.set(client.id, own);
        await followList(system, client, own.ids, isOver.signal);
      });
      for (let round = 0; round < (world.isQuick ? 4 : 15); round += 1) {
        const worker = world.random.pick(system.parts("worker"));
        system.signal(worker, "SIGSTOP");
        await pause(world.random.between(100, 2_000));
        system.signal(worker, "SIGCONT");
        await pause(world.random.between(100, 1_000));
      }
      await load.stop();
      await settle();
      isOver.abort();
      await Promise.all(reading);
      for (const { ids, client } of read.values()) {
        const stored = (await system.stored(client)).map(({ id }) => id);
        const seen = new Set(ids);
        missed = [...missed, ...stored.filter((id) => !seen.has(id))];
        repeated = [...repeated, ...ids.filter((id, index) => ids.indexOf(id) !== index)];
        world.say(`read ${ids.length} of ${stored.length}`);
      }
    });
    const row = rowOf(finding, undefined, [
      mustHold(
        "the list reader misses nothing",
        missed.length === 0,
        `${missed.length} missed ${missed[0] ?? ""}`,
      ),
      mustHold("the list reader sees nothing twice", repeated.length === 0, `${repeated.length}`),
    ]);
    // What a reader never gets is lost to it, however well it is stored.
    return { ...row, lost: row.lost + missed.length };
  },
};

/** Reads on from its cursor until it is told that all is there, and then to the end once more. */
async function followList(
  system: EventSystem,
  client: Client,
  ids: string[],
  isOver: AbortSignal,
): Promise<void> {
  let cursor: string | undefined;
  for (;;) {
    const wasOver = isOver.aborted;
    const page = await system.list(client, cursor);
    cursor = page.cursor;
    for (const { id } of page.events) ids.push(id);
    if (wasOver && page.events.length === 0) return;
    await pause(20);
  }
}
