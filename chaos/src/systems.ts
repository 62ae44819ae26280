import { memorySystem } from "./memory-system/memory-system.ts";
import type { SystemUnderTest } from "./system.ts";
import { triggersSystem } from "./triggers/start-triggers.ts";

/** What `--system` can name. */
export const systems: Readonly<Record<string, SystemUnderTest>> = {
  triggers: triggersSystem,
  memory: memorySystem,
};
