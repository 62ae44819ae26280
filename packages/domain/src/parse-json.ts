import { afterJsonSpace } from "./after-json-space.ts";
import { endOfJsonAtom } from "./end-of-json-atom.ts";
import { endOfJsonString } from "./end-of-json-string.ts";

/**
 * JSON.parse, but right where V8 is wrong: when one object has had a name with a backslash in it, a later object's
 * *escaped* name may be read as that one ("\u00e9" as "\\"; nodejs/node#63785, seen on Node 24.21). One client could so
 * rename the members of another. Only texts with an escaped name are read by hand. Throws what JSON.parse throws.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return text.includes("\\") && hasEscapedName(text) ? readValue(text, afterJsonSpace(text, 0)) : value;
}

function hasEscapedName(text: string): boolean {
  let at = text.indexOf('"');
  while (at !== -1) {
    const end = endOfJsonString(text, at);
    if (text[afterJsonSpace(text, end)] === ":" && text.slice(at, end).includes("\\")) return true;
    at = text.indexOf('"', end);
  }
  return false;
}

interface Container {
  /** Undefined for an array. */
  names: string[] | undefined;
  values: unknown[];
}

/** Reads the value at `start` of a text that JSON.parse has accepted. Iterative, since nothing bounds the nesting here. */
function readValue(text: string, start: number): unknown {
  const open: Container[] = [];
  let at = start;
  for (;;) {
    const char = text[at];
    const container = open.at(-1);
    let value: unknown;
    if (char === "{" || char === "[") {
      open.push({ names: char === "{" ? [] : undefined, values: [] });
      at = afterJsonSpace(text, at + 1);
      continue;
    } else if (char === ",") {
      at = afterJsonSpace(text, at + 1);
      continue;
    } else if (char === "}" || char === "]") {
      open.pop();
      value = finish(container);
      at++;
    } else {
      const end = endOfJsonAtom(text, at);
      value = JSON.parse(text.slice(at, end));
      at = end;
    }
    at = afterJsonSpace(text, at);
    const parent = open.at(-1);
    if (parent === undefined) return value;
    if (text[at] === ":") {
      parent.names?.push(value as string);
      at = afterJsonSpace(text, at + 1);
    } else {
      parent.values.push(value);
    }
  }
}

/** Like JSON.parse, the last of repeated names wins, and "__proto__" is a name like any other. */
function finish(container: Container | undefined): unknown {
  const { names, values } = container ?? { names: undefined, values: [] };
  return names === undefined ? values : Object.fromEntries(names.map((name, index) => [name, values[index]]));
}
