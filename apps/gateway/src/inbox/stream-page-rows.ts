/** What is read at once: enough to be fast, and little even where each event has the largest payload. */
const pageCharacters = 1024 * 1024;
const mostPageRows = 500;
/** The same for all at the end of the feed, so that they share their reads. */
export const tailPageRows = 64;

/** How many rows the next page shall have, after one of `found` rows that took so many characters. */
export function nextStreamPageRows(asked: number, found: number, characters: number): number {
  if (found < asked) return tailPageRows;
  const fitting = Math.floor((pageCharacters / Math.max(1, characters)) * found);
  return Math.max(1, Math.min(mostPageRows, fitting));
}
