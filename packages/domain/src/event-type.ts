export const operationalEventTypes = ["endpoint.disabled", "delivery.failed", "event.dead_lettered"] as const;

const operationalTypes: ReadonlySet<string> = new Set(operationalEventTypes);

/** 1 to 255 characters of `A-Z a-z 0-9 . _ : / -`, no leading or trailing dot. */
export function isEventType(text: string): boolean {
  return /^(?!\.)[A-Za-z0-9._:/-]{1,255}(?<!\.)$/.test(text);
}

/** What an endpoint may subscribe to: a type, `<type>.*` for every type below it, or `*`. */
export function isEventTypePattern(text: string): boolean {
  return text === "*" || isEventType(text.endsWith(".*") ? text.slice(0, -2) : text);
}

/**
 * The types of the service's own events about deliveries and endpoints. The name alone decides: a client's own event of
 * such a type is treated the same, so it reaches only endpoints that name it and causes no operational events.
 */
export function isOperationalEventType(type: string): boolean {
  return operationalTypes.has(type);
}

/**
 * Whether an endpoint with these patterns gets events of this type. No patterns (null or none) and `*` mean every type
 * but the operational ones: those must be named, or an endpoint that fails would be told so about itself.
 * `user.*` matches `user.created` and `user.address.changed`, not `user`.
 */
export function matchesEventType(patterns: readonly string[] | null, type: string): boolean {
  if (patterns === null || patterns.length === 0) return !isOperationalEventType(type);
  return patterns.some((pattern) => {
    if (pattern === "*") return !isOperationalEventType(type);
    return pattern === type || (pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1)));
  });
}
