import { setTimeout as pause } from "node:timers/promises";
import type { World } from "./world.ts";

/** A process that has just been started is slow: what is compared with its first seconds looks too good. */
export function warmUp({ isQuick }: World): Promise<void> {
  return pause(isQuick ? 1_000 : 8_000);
}
