/** The index of the first character from `start` on that is no whitespace. `text` is valid JSON, so none is exotic. */
export function afterJsonSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}
