import { setTimeout as pause } from "node:timers/promises";
import { type Experiment, runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { statusesOutside } from "../statuses.ts";
import { whileFrozen } from "../while-frozen.ts";

/** So long the replica gets nothing before every second kill: a slow network, or a replica that is busy. */
const lagMs = 400;

export const failoverReplicated = failover("R20", "replicated");
/** The same without the promise, to see what it is worth. */
export const failoverStrict = failover("R20S", "strict");

function failover(name: string, durability: "replicated" | "strict"): Scenario {
  const isReplicated = durability === "replicated";
  return {
    name,
    title: `kill -9 of the master of a Sentinel group, DURABILITY=${durability}`,
    roles: ["queue", "worker"],
    target: isReplicated ? "0 lost; goes on ≤ 30 s, with a replica" : "losses are counted; goes on ≤ 10 s",
    async run(world) {
      const kills: { at: number; isBehind: boolean }[] = [];
      let recoveryMs = 0;
      const finding = await runUnderLoad(
        world,
        {
          ...{ gateways: 2, workers: 2, queue: "group" as const },
          gatewaySettings: { DURABILITY: durability },
          workerSettings: { DURABILITY: durability },
        },
        async (experiment) => {
          const wanted = world.isQuick ? 2 : 6;
          for (let kill = 1; kill <= wanted; kill += 1) {
            await pause(world.random.between(2_000, 4_000));
            const isBehind = kill % 2 === 0;
            // What is in Redis alone is what a failover can lose: no worker shall take it out before.
            await whileFrozen(experiment.system, "worker", () => killMaster(experiment, isBehind));
            kills.push({ at: performance.now(), isBehind });
            const killedAt = performance.now();
            // Alone the new master cannot keep the promise.
            if (isReplicated) await experiment.system.start("queue");
            await experiment.untilAcknowledged();
            const tookMs = performance.now() - killedAt;
            recoveryMs = Math.max(recoveryMs, tookMs);
            if (!isReplicated) await experiment.system.start("queue");
            world.say(`kill ${kill} of ${wanted}: acknowledges after ${tookMs.toFixed()} ms`);
          }
        },
      );
      const { ledger } = finding.experiment;
      const lostAt = (isBehind: boolean) => {
        const lost = finding.notPersisted.map((number) => ledger.entries.get(number)?.acknowledgedAt ?? 0);
        return lost.filter((at) => kills.find((kill) => kill.at >= at)?.isBehind === isBehind).length;
      };
      const others = statusesOutside(ledger, ["202", "409", "503"]);
      return rowOf(
        finding,
        recoveryMs,
        [
          mustHold("every answer is 202, 409 or 503", others === "", others || "yes"),
          mustHold("lost where the replica was in step", true, `${lostAt(false)}`),
          mustHold(`lost where it was ${lagMs} ms behind`, true, `${lostAt(true)}`),
          mustTake("acknowledges again", recoveryMs, isReplicated ? 30_000 : 10_000, world),
        ],
        { mayLose: !isReplicated },
      );
    },
  };
}

async function killMaster({ system }: Experiment, isBehind: boolean): Promise<void> {
  const [master, replica] = system.parts("queue");
  if (!master || !replica) throw new Error("the group is not whole");
  await pause(500);
  if (isBehind) {
    await system.holdReplicaBack();
    await pause(lagMs);
  }
  system.signal(master, "SIGKILL");
  if (isBehind) system.signal(replica, "SIGCONT");
}
