const quote = 0x22;
const backslash = 0x5c;

/** The index after the closing quote of the string whose opening quote stands at `start`. `text` is valid JSON. */
export function endOfJsonString(text: string, start: number): number {
  // Names and short values end within a few characters, where a loop beats the call of indexOf; long ones do not.
  const near = Math.min(start + 24, text.length);
  for (let at = start + 1; at < near; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === backslash) at++;
  }
  // Starts over, since the loop may have stopped between a backslash and what it escapes.
  for (let at = start; ;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let before = at - 1;
    while (text.charCodeAt(before) === backslash) before--;
    // A quote is escaped by an odd number of backslashes.
    if ((at - before) % 2 === 1) return at + 1;
  }
}
