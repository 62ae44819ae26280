import { endOfJsonAtom } from "./end-of-json-atom.ts";

/**
 * The index of the first character that no valid JSON text could have there (the length, when only the end is
 * missing), or undefined when the text is valid. JSON.parse does not always say where, and its message repeats the text,
 * which may hold what must not be logged or answered. Iterative and slow, for refusals only.
 */
export function findJsonFault(text: string): number | undefined {
  const open: string[] = [];
  let expected: "value" | "first value" | "name" | "first name" | "colon" | "separator" = "value";
  for (let at = 0; ;) {
    while (isSpace(text[at])) at++;
    const char = text[at];
    const container = open.at(-1);
    if (expected === "separator") {
      if (container === undefined) return char === undefined ? undefined : at;
      if (char === ",") expected = container === "{" ? "name" : "value";
      else if (char === (container === "{" ? "}" : "]")) open.pop();
      else return at;
      at++;
    } else if (expected === "colon") {
      if (char !== ":") return at;
      expected = "value";
      at++;
    } else if ((expected === "first name" && char === "}") || (expected === "first value" && char === "]")) {
      open.pop();
      expected = "separator";
      at++;
    } else if (expected === "name" || expected === "first name") {
      const end = char === '"' ? endOfJsonAtom(text, at) : ~at;
      if (end < 0) return ~end;
      expected = "colon";
      at = end;
    } else if (char === "{" || char === "[") {
      open.push(char);
      expected = char === "{" ? "first name" : "first value";
      at++;
    } else {
      const end = endOfJsonAtom(text, at);
      if (end < 0) return ~end;
      expected = "separator";
      at = end;
    }
  }
}

function isSpace(char: string | undefined): boolean {
  return char === " " || char === "\n" || char === "\r" || char === "\t";
}
