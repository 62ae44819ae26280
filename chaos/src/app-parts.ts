import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type AppProcess, startApp } from "@triggers/testing";
import type { Part, Role, Settings } from "./system.ts";

/** Some are never ready, which is what their scenario is about. */
const maxWaitMs = 5_000;

export interface AppParts {
  start(role: "gateway" | "worker", settings: Settings): Promise<Part>;
  /** Those that have not ended and were not killed. */
  running(role: Role): Part[];
  signal(part: Part, signal: NodeJS.Signals): void;
  crashes(): string[];
  /** Kills what still runs and writes every log into the folder. */
  stop(logFolder: string): Promise<void>;
}

/**
 * Node.js processes that print a JSON line `{"message": "listening", "port": …}` when they do; `entryOf` names their file.
 * They count as running, and get the load, once `isReady` says so, as behind a load balancer, or after a while.
 */
export function createAppParts(
  entryOf: (role: string) => string,
  isReady: (url: string) => Promise<boolean> = () => Promise.resolve(true),
): AppParts {
  const all: { part: Part; app: AppProcess; isTold: boolean; isGone: boolean }[] = [];
  const crashed: string[] = [];
  let started = 0;
  const entryFor = (part: Part) => all.find((entry) => entry.part === part);
  return {
    async start(role, settings) {
      const name = `${role}-${++started}`;
      const app = await startApp(entryOf(role), settings);
      const waitsUntil = performance.now() + maxWaitMs;
      while (performance.now() < waitsUntil && !(await isReady(app.url))) await pause(20);
      const part: Part = { role, name, pid: app.pid, url: app.url, exited: app.exited };
      const entry = { part, app, isTold: false, isGone: false };
      all.push(entry);
      void app.exited.then((code) => {
        if (!entry.isTold) crashed.push(`${name} ended with ${code}`);
        entry.isGone = true;
      });
      return part;
    },
    running: (role) =>
      all.filter(({ part, isGone }) => part.role === role && !isGone).map(({ part }) => part),
    signal(part, signal) {
      const entry = entryFor(part);
      if (!entry) throw new Error(`There is no part ${part.name}.`);
      entry.isTold ||= signal === "SIGKILL" || signal === "SIGTERM";
      entry.isGone ||= signal === "SIGKILL";
      entry.app.kill(signal);
    },
    crashes: () => [...crashed],
    async stop(logFolder) {
      mkdirSync(logFolder, { recursive: true });
      for (const entry of all) {
        entry.isTold = true;
        entry.app.kill("SIGKILL");
        await entry.app.exited;
        const lines = entry.app.log.map((line) => JSON.stringify(line)).join("\n");
        writeFileSync(join(logFolder, `${entry.part.name}.log`), `${lines}\n`);
      }
    },
  };
}
