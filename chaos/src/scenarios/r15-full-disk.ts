import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runUnderLoad } from "../experiment.ts";
import { mustHold, mustTake, rowOf, type Scenario } from "../scenario.ts";
import { createSmallDisk, isMountAllowed } from "../small-disk.ts";
import { statusesOutside } from "../statuses.ts";

/**
 * The folder of Redis lies on a disk of its own, which something else fills up. With `appendfsync
 * always` Redis ends itself when it cannot write, and a supervisor starts it again until it can.
 */
export const fullDisk: Scenario = {
  name: "R15",
  title: "disk full under Redis' append-only file",
  target: "503, recovery by itself, 0 lost",
  roles: ["queue"],
  obstacle: () => (isMountAllowed() ? undefined : "mounting a small disk needs root"),
  async run(world) {
    const disk = createSmallDisk(join(world.folder, "redis"), 128);
    let recoveryMs = 0;
    let starts = 0;
    try {
      const setup = { gateways: 2, workers: 2 };
      const finding = await runUnderLoad(world, setup, async ({ system, ledger, ...experiment }) => {
        disk.fill();
        const refused = () => ledger.answers.get("503") ?? 0;
        for (let waitedMs = 0; refused() === 0 && waitedMs < 30_000; waitedMs += 50) await pause(50);
        world.say("the disk is full");
        const isFreed = pause(world.isQuick ? 3_000 : 10_000).then(() => {
          disk.free();
          world.say("the disk is free again");
        });
        const supervise = async () => {
          for (let isUp = false; !isUp; starts += 1) {
            isUp = await system.start("queue").then(
              () => true,
              () => false,
            );
            await pause(500);
          }
        };
        await supervise();
        await isFreed;
        // It may have come up, and gone down at its first write, while the disk was still full.
        await supervise();
        recoveryMs = Math.max(await experiment.untilAcknowledged(), await experiment.untilDelivered());
      });
      const { ledger } = finding.experiment;
      const others = statusesOutside(ledger, ["202", "409", "503"]);
      world.say(`Redis was started ${starts} times`);
      return rowOf(finding, recoveryMs, [
        mustHold(
          "it refused with 503",
          (ledger.answers.get("503") ?? 0) > 0,
          `${ledger.answers.get("503") ?? 0}`,
        ),
        mustHold("every answer is 202, 409 or 503", others === "", others || "yes"),
        mustTake("acknowledges and delivers again", recoveryMs, 10_000, world),
      ]);
    } finally {
      disk.remove();
    }
  },
};
