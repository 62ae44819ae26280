import type { Ledger } from "./ledger.ts";

/** The answers that are none of these, as text; empty when there are none. */
export function statusesOutside(ledger: Ledger, allowed: readonly string[]): string {
  return [...ledger.answers]
    .filter(([name]) => !allowed.includes(name))
    .map(([name, count]) => `${count} × ${name}`)
    .join(", ");
}
