import { afterJsonSpace } from "./after-json-space.ts";
import { endOfJsonString } from "./end-of-json-string.ts";

const maxPointerLength = 256;

/**
 * The JSON Pointer (RFC 6901) of the value that starts at `position`, or of its nearest ancestor whose pointer has at most
 * 256 characters: a client's own names must not blow up its answer. `text` is valid JSON. Slow, for refusals only.
 */
export function jsonPointerAt(text: string, position: number): string {
  // One step per open container: the name that was read last, or the index that was reached.
  const path: (string | number)[] = [];
  for (let at = 0; at < position; at++) {
    const last = path.at(-1);
    switch (text.charAt(at)) {
      case '"': {
        const end = endOfJsonString(text, at);
        if (typeof last === "string" && text[afterJsonSpace(text, end)] === ":") {
          path[path.length - 1] = JSON.parse(text.slice(at, end)) as string;
        }
        at = end - 1;
        break;
      }
      case "{":
        path.push("");
        break;
      case "[":
        path.push(0);
        break;
      case "}":
      case "]":
        path.pop();
        break;
      case ",":
        if (typeof last === "number") path[path.length - 1] = last + 1;
        break;
    }
  }
  return toPointer(path);
}

/** A JSON Pointer from names and indexes, cut at the last step that fits. */
export function toPointer(path: readonly (string | number)[]): string {
  let pointer = "";
  for (const step of path) {
    const next = `${pointer}/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (next.length > maxPointerLength) break;
    pointer = next;
  }
  return pointer;
}
