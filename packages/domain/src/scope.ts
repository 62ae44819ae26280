export const scopes = ["publish", "read", "consume", "endpoints", "admin"] as const;

/** What an API key may do: send events, read, use the inbox, change endpoints, everything. */
export type Scope = (typeof scopes)[number];

/** Whether a key with the granted scopes may do what needs `needed`; `admin` allows everything. */
export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes(needed) || granted.includes("admin");
}
