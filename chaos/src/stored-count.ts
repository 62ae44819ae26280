import type { Experiment } from "./experiment.ts";

export async function storedCount({ system, clients }: Experiment): Promise<number> {
  const stored = await Promise.all(clients.map((client) => system.stored(client)));
  return stored.reduce((sum, events) => sum + events.length, 0);
}
