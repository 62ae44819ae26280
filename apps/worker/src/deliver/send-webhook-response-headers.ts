import type { IncomingHttpHeaders } from "node:http";

const MAX_HEADERS = 64;
const MAX_BYTES = 8192;

/**
 * What of an answer's headers is worth keeping: the first 64, at most 8 KiB of names and values together (one that does not
 * fit is left out whole), lower-case names, repeated ones joined with ", ".
 */
export function keepResponseHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: [string, string][] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (kept.length === MAX_HEADERS) break;
    const text = Array.isArray(value) ? value.join(", ") : (value ?? "");
    const size = Buffer.byteLength(name) + Buffer.byteLength(text);
    if (bytes + size > MAX_BYTES) continue;
    bytes += size;
    kept.push([name, text]);
  }
  // fromEntries defines and never assigns, so a header called __proto__ is just a name.
  return Object.fromEntries(kept);
}
