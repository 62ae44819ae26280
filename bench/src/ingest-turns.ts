import { createTestDatabase } from "@triggers/testing";
import { type IngestPlan, type IngestRun, measureIngest } from "./ingest.ts";
import type { BenchOptions } from "./options.ts";
import type { ServerName } from "./servers.ts";
import type { Stack } from "./stack.ts";
import { takeTurns } from "./take-turns.ts";

/** Bare, floor and product in turn, worker stopped. */
export async function takeIngestTurns(
  name: string,
  stack: Stack,
  options: BenchOptions,
  plan: IngestPlan,
): Promise<Record<ServerName, IngestRun[]>> {
  const database = await createTestDatabase();
  try {
    return await takeTurns(
      `${name} × ${plan.connections}`,
      options.runs,
      ["bare", "floor", "product"],
      (server) =>
        measureIngest(server, stack, database.url, plan, server === "product" ? options.productSettings : {}),
      (run) => `${Math.round(run.perSecond)}/s`,
    );
  } finally {
    await database.drop();
  }
}
