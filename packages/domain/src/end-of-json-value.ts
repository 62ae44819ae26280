import { endOfJsonString } from "./end-of-json-string.ts";

const quote = 0x22;
const minus = 0x2d;

/**
 * The index after the value that starts at `start`. A negative result `~at` refuses what stands at `at`: a number that is
 * not finite as a double, or the bracket of a container nested deeper than `maxDepth` (the value itself counts as 1).
 * `text` is valid JSON.
 */
export function endOfJsonValue(text: string, start: number, maxDepth: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfJsonString(text, at);
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return ~at;
      at++;
      continue;
    } else if (code === 0x7d || code === 0x5d) {
      depth--;
      at++;
    } else if (code <= 0x39 && code >= minus) {
      at = endOfFiniteNumber(text, at);
      if (at < 0) return at;
    } else if (code >= 0x61) {
      at += code === 0x66 ? "false".length : "true".length;
    } else {
      // Whitespace, comma or colon: only inside a container, so no value ends here.
      at++;
      continue;
    }
    if (depth === 0) return at;
  }
  return at;
}

/** The index after the number at `start`, or `~start` when it is not finite. */
function endOfFiniteNumber(text: string, start: number): number {
  let at = start + 1;
  let hasExponent = false;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x65 || code === 0x45) hasExponent = true;
    // Digits, sign and point; the comma lies between the plus and the minus.
    else if (!(code <= 0x39 && code >= 0x2b && code !== 0x2c)) break;
  }
  // Without an exponent it takes 309 digits to pass the largest double, 1.8e308: hardly any number is converted.
  if (!hasExponent && at - start <= 308) return at;
  return Number.isFinite(Number(text.slice(start, at))) ? at : ~start;
}
