import type { Ledger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The answers that are none of these, as text; empty when there are none. */
export function statusesOutside(ledger: Ledger, allowed: readonly string[]): string {
  return [...ledger.answers]
    .filter(([name]) => !allowed.includes(name))
    .map(([name, count]) => `${count} × ${name}`)
    .join(", ");
}

/**
 * The requests that a restart which nobody should notice has failed. A connection that was refused is none: whoever
 * balances the load passes on to the next. On a machine that is too busy, 503s come without any restart.
 */
export function failedRequests(ledger: Ledger, world: World): string {
  return statusesOutside(ledger, ["202", "ECONNREFUSED", ...(world.slack > 1 ? ["409", "503"] : [])]);
}
