import { endOfJsonString } from "./end-of-json-string.ts";

/** The index after the value that starts at `start`, whatever it holds: no limit is checked. `text` is valid JSON. */
export function endOfJsonItem(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfJsonString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (code === 0x7b || code === 0x5b) {
      depth++;
    } else if (code === 0x7d || code === 0x5d) {
      // What closes the container around it ends a number or a word.
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (code === 0x2c || code <= 0x20)) {
      return at;
    }
    at++;
  }
  return at;
}
