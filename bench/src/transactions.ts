import { readFileSync, readlinkSync, statSync } from "node:fs";
import type { Stack } from "./stack.ts";

const marker = "bench-transaction";
const ownName = "bench-control";

/**
 * Counts the transactions of a while by application_name: Postgres has no such counter, so it logs every statement with
 * its virtual transaction id, and we read its log.
 */
export async function countTransactions(
  stack: Stack,
  databaseUrl: string,
  during: () => Promise<void>,
): Promise<Record<string, number>> {
  const database = new URL(databaseUrl).pathname.slice(1);
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
    // Counted too, or the log is not what we think it is.
    const control = new URL(databaseUrl);
    control.searchParams.set("application_name", ownName);
    await stack.query("SELECT 1", control.href);
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
  if (seen.get(ownName)?.size !== 1)
    throw new Error(`Postgres' log ${logFile} does not show our own transaction.`);
  seen.delete(ownName);
  return Object.fromEntries([...seen].map(([application, ids]) => [application, ids.size]));
}
