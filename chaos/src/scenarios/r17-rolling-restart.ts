import { type Experiment, runUnderLoad } from "../experiment.ts";
import { mustHold, rowOf, type Scenario } from "../scenario.ts";
import { failedRequests } from "../statuses.ts";
import type { Part } from "../system.ts";

/** Each process is replaced by another that is ready before it is told to end; the schema moves ahead in the middle. */
export const rollingRestart: Scenario = {
  name: "R17",
  title: "rolling restart with a migration",
  target: "0 failed requests, 0 lost",
  roles: ["gateway", "worker", "store"],
  async run(world) {
    const exits: string[] = [];
    const finding = await runUnderLoad(world, { gateways: 2, workers: 2 }, async (experiment) => {
      const { system } = experiment;
      const [gateways, workers] = [system.parts("gateway"), system.parts("worker")];
      const replace = async (part: Part) => {
        const code = await replaceByNext(experiment, part);
        world.say(`${part.name} ended with ${code}`);
        if (code !== 0) exits.push(`${part.name}: ${code}`);
      };
      for (const part of [gateways[0], workers[0]]) if (part) await replace(part);
      await system.upgradeStore();
      world.say("the schema is one version ahead");
      for (const part of [...gateways.slice(1), ...workers.slice(1)]) await replace(part);
    });
    const { ledger } = finding.experiment;
    const failures = failedRequests(ledger, world);
    return rowOf(finding, undefined, [
      mustHold("no request failed", failures === "", failures || "yes"),
      mustHold("every exit code is 0", exits.length === 0, exits.join(", ") || "0"),
    ]);
  },
};

async function replaceByNext({ system }: Experiment, part: Part): Promise<number | string> {
  if (part.role !== "gateway" && part.role !== "worker")
    throw new Error(`${part.role} is not replaced here.`);
  await system.start(part.role);
  system.signal(part, "SIGTERM");
  return part.exited;
}
