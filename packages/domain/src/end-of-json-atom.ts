/**
 * The index after the string, number or word (true, false, null) that starts at `start`, or a negative `~at` when the
 * character at `at` (or the end of the text) cannot stand there. Nothing is presumed about `text`.
 */
export function endOfJsonAtom(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  const word = ["true", "false", "null"].find((candidate) => candidate.startsWith(text[start] ?? " "));
  if (word === undefined) return endOfNumber(text, start);
  for (let index = 1; index < word.length; index++) {
    if (text[start + index] !== word[index]) return ~(start + index);
  }
  return start + word.length;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    at = match(/[^"\\\u0000-\u001f]*/y, text, at);
    if (text[at] === '"') return at + 1;
    if (text[at] !== "\\") return ~at;
    const end = match(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y, text, at);
    if (end === at) return ~match(/\\(?:u[0-9a-fA-F]*)?/y, text, at);
    at = end;
  }
}

function endOfNumber(text: string, start: number): number {
  const digits = match(/-?/y, text, start);
  let at = match(/0|[1-9][0-9]*/y, text, digits);
  if (at === digits) return ~at;
  for (const [begin, whole] of [
    [/\./y, /\.[0-9]+/y],
    [/[eE][+-]?/y, /[eE][+-]?[0-9]+/y],
  ] as const) {
    const begun = match(begin, text, at);
    const end = match(whole, text, at);
    if (begun > at && end === at) return ~begun;
    at = end;
  }
  return at;
}

/** Where the match of a sticky pattern at `start` ends; `start` itself when there is none. */
function match(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start;
}
