import type { EventSystem, Role } from "./system.ts";

/**
 * Holds all parts of a role still while something is done, so that a kill finds work in the hands of those before them:
 * on a quick machine nearly every kill would fall between two batches and prove nothing.
 */
export async function whileFrozen(system: EventSystem, role: Role, work: () => Promise<void>): Promise<void> {
  const parts = system.parts(role);
  for (const part of parts) system.signal(part, "SIGSTOP");
  try {
    await work();
  } finally {
    for (const part of parts) system.signal(part, "SIGCONT");
  }
}
