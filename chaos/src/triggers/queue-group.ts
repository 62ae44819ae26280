import { setTimeout as pause } from "node:timers/promises";
import { redisCommand } from "../../../infra/redis-command.mjs";
import { type SentinelGroup, startSentinelGroup } from "../../../infra/redis-sentinel.mjs";
import type { Redis } from "../../../infra/redis.mjs";
import type { Part, Settings } from "../system.ts";

/** Redis as a master and a replica under three Sentinels. */
export interface QueueGroup {
  /** The first time all of it; later the server that was killed, as the other's replica. */
  start(): Promise<Part>;
  /** The master, which is the one that was not killed last, and the replica unless it is dead. */
  parts(): Part[];
  dismiss(pid: number): void;
  /** Freezes the replica and has the master drop its connection: what is under way in it would still arrive. */
  holdReplicaBack(): Promise<void>;
  url(): string;
  stop(): Promise<void>;
}

export function createQueueGroup(dataDir: string, settings: Settings): QueueGroup {
  let group: SentinelGroup | undefined;
  let alive: { part: Part; port: number }[] = [];
  let dead: number | undefined;
  const partOf = ({ pid, port, url }: Redis) => {
    const exited = new Promise<never>(() => undefined);
    return { port, part: { role: "queue" as const, name: `queue-${port}`, pid, url, exited } };
  };
  const add = (server: Redis) => {
    const entry = partOf(server);
    alive.push(entry);
    return entry.part;
  };
  return {
    async start() {
      if (group === undefined) {
        group = await startSentinelGroup({ dataDir, settings });
        const master = add(await group.master());
        add(await group.replica());
        return master;
      }
      if (dead === undefined) throw new Error("No server of the group is dead.");
      // Back before it was missed it would be the master again.
      const gone = dead;
      const whole = group;
      while ((await whole.masterPort().catch(() => gone)) === gone) await pause(100);
      await whole.restart(gone);
      dead = undefined;
      return add(await group.replica());
    },
    parts: () => alive.map(({ part }) => part),
    dismiss(pid) {
      dead = alive.find(({ part }) => part.pid === pid)?.port;
      alive = alive.filter(({ part }) => part.pid !== pid);
    },
    async holdReplicaBack() {
      const [master, replica] = alive;
      if (!group || !master || !replica) throw new Error("The group is not whole.");
      process.kill(replica.part.pid, "SIGSTOP");
      const { password } = group;
      await redisCommand({ port: master.port, password }, "CLIENT", "KILL", "TYPE", "replica");
    },
    url: () => group?.url ?? "",
    async stop() {
      await group?.stop();
    },
  };
}
