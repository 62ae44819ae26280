/**
 * What a failed write means for what was to be written:
 * - `poison`: these values can never be stored (SQLSTATE classes 22, 23 and 54);
 * - `missing_partition`: their day has no partition yet;
 * - `conflict`: deadlock, serialisation or a lock that did not come in time: repeat at once;
 * - `unavailable`: anything else, known or not (connection, disk full, shutdown): wait and repeat, it burns nothing.
 */
export type SqlFailure = "poison" | "missing_partition" | "conflict" | "unavailable";

export function classifySqlError(error: unknown): SqlFailure {
  const { code, routine } = asDatabaseError(error);
  if (code === undefined) return "unavailable";
  if (code === "23514" && routine === "ExecFindPartition") return "missing_partition";
  if (code === "40001" || code === "40P01" || code === "55P03") return "conflict";
  return ["22", "23", "54"].includes(code.slice(0, 2)) ? "poison" : "unavailable";
}

/** The five-character SQLSTATE, or undefined when Postgres was not reached. */
export function sqlStateOf(error: unknown): string | undefined {
  return asDatabaseError(error).code;
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlStateOf(error) === "23505";
}

/** Codes of Node.js for a server that cannot be reached, and the words of pg, which has no codes, for one that fell silent. */
const awayCodes = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;
const awayWords = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

/** Whether Postgres could not answer just now (away, starting, stopping, full, too slow): the same call may work later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  const state = sqlStateOf(error);
  if (state !== undefined)
    return classifySqlError(error) === "conflict" || ["08", "53", "57"].includes(state.slice(0, 2));
  return awayCodes.test(String((error as NodeJS.ErrnoException).code)) || awayWords.test(error.message);
}

function asDatabaseError(error: unknown): { code?: string; routine?: string } {
  if (typeof error !== "object" || error === null) return {};
  const { code, routine } = error as { code?: unknown; routine?: unknown };
  // Node's own errors carry codes too (ECONNREFUSED); SQLSTATEs are five characters and never start with E.
  const isSqlState = typeof code === "string" && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code);
  return { ...(isSqlState ? { code } : {}), ...(typeof routine === "string" ? { routine } : {}) };
}
