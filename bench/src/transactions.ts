import { readFileSync, readlinkSync, statSync } from "node:fs";
import type { Stack } from "./stack.ts";

const marker = "bench-transaction";

/**
 * Counts the transactions of a while by application_name: Postgres has no such counter, so it logs every statement with
 * its virtual transaction id, and we read its log.
 */
export async function countTransactions(
  stack: Stack,
  database: string,
  during: () => Promise<void>,
): Promise<Record<string, number>> {
  const logFile = readlinkSync(`/proc/${stack.postmasterPid}/fd/2`);
  const set = async (settings: Record<string, string>) => {
    for (const [name, value] of Object.entries(settings))
      await stack.query(
        value === "" ? `ALTER SYSTEM RESET ${name}` : `ALTER SYSTEM SET ${name} = '${value}'`,
      );
    await stack.query("SELECT pg_reload_conf()");
  };
  await set({ log_line_prefix: `${marker} %d %v %a: `, log_statement: "all" });
  const from = statSync(logFile).size;
  try {
    await during();
  } finally {
    await set({ log_line_prefix: "", log_statement: "" });
  }
  const written = readFileSync(logFile).subarray(from).toString("utf8");
  const seen = new Map<string, Set<string>>();
  for (const [, of, id = "", application = ""] of written.matchAll(
    new RegExp(`^${marker} (\\S+) (\\S+) (.*?): LOG:`, "gm"),
  )) {
    if (of !== database) continue;
    seen.set(application, (seen.get(application) ?? new Set()).add(id));
  }
  return Object.fromEntries([...seen].map(([application, ids]) => [application, ids.size]));
}
