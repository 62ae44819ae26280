import { cpSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { processTree } from "./process-tree.ts";
import { createQueueGroup } from "./queue-group.ts";
import { startPostgres } from "../../../infra/postgres.mjs";
import { startRedis } from "../../../infra/redis.mjs";
import type { Part, Role, SystemOptions } from "../system.ts";

type ServerRole = Extract<Role, "queue" | "store">;

export interface ServerParts {
  /** Brings it back on its data and its port when it ran before. */
  start(role: ServerRole): Promise<Part>;
  /** Kills it and starts another process on a copy of its files, on its port. */
  move(role: "queue"): Promise<void>;
  parts(role: ServerRole): Part[];
  urlOf(role: ServerRole): string;
  holdReplicaBack(): Promise<void>;
  signal(part: Part, signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

interface Running {
  part: Part;
  port: number;
  isDismissed: boolean;
  stop: () => Promise<void>;
}

export function createServerParts(folder: string, options: SystemOptions): ServerParts {
  const { queueSettings = {} } = options;
  const group =
    options.queue === "group" ? createQueueGroup(join(folder, "redis-group"), queueSettings) : undefined;
  const running = new Map<ServerRole, Running>();
  let moves = 0;
  const queueFolder = () => join(folder, moves === 0 ? "redis" : `redis-${moves}`);
  const startServer = (role: ServerRole, port: { port?: number }) =>
    role === "queue"
      ? startRedis({ dataDir: queueFolder(), settings: queueSettings, ...port })
      : startPostgres({ dataDir: join(folder, "postgres"), ...port });
  const get = (role: ServerRole) => {
    const server = running.get(role);
    if (!server) throw new Error(`The ${role} has not been started.`);
    return server;
  };
  async function start(role: ServerRole): Promise<Part> {
    const before = running.get(role);
    const { url, port, pid, stop } = await startServer(role, before ? { port: before.port } : {});
    // Not our child: its end shows in the processes, and nobody waits for it.
    const part: Part = { role, name: role, pid, url, exited: new Promise(() => undefined) };
    running.set(role, { part, port, isDismissed: false, stop });
    return part;
  }
  return {
    async start(role) {
      return group && role === "queue" ? group.start() : start(role);
    },
    async move(role) {
      const { part } = get(role);
      send(part.pid, "SIGKILL");
      while (isAlive(part.pid)) await pause(20); // what it was just writing is then in its files
      const from = queueFolder();
      moves += 1;
      cpSync(from, queueFolder(), { recursive: true });
      await start(role);
    },
    parts(role) {
      if (group && role === "queue") return group.parts();
      const server = running.get(role);
      return server && !server.isDismissed ? [server.part] : [];
    },
    urlOf: (role) => (group && role === "queue" ? group.url() : get(role).part.url),
    async holdReplicaBack() {
      await group?.holdReplicaBack();
    },
    signal({ role, pid }, signal) {
      if (role !== "queue" && role !== "store") throw new Error(`${role} is no server.`);
      if (group && role === "queue") {
        if (signal === "SIGKILL") group.dismiss(pid);
      } else if (signal === "SIGKILL") get(role).isDismissed = true;
      // A dying Postgres takes its children along by itself, and must: they share its memory.
      const pids = signal === "SIGSTOP" || signal === "SIGCONT" ? processTree(pid) : [pid];
      for (const member of pids) send(member, signal);
    },
    async stop() {
      for (const { pid } of group?.parts() ?? []) send(pid, "SIGCONT");
      await group?.stop();
      for (const { part, stop } of running.values()) {
        // A frozen server would not hear that it has to end.
        for (const pid of processTree(part.pid)) send(pid, "SIGCONT");
        await stop();
      }
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended already
  }
}
