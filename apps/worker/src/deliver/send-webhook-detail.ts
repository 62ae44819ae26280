const MAX_CHARACTERS = 500;

/**
 * One line about an error for operators: at most 500 characters, without control characters and without URLs,
 * because receivers put secrets into paths and queries.
 */
export function errorDetail(error: unknown): string {
  const text =
    typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
  return text
    .slice(0, 4 * MAX_CHARACTERS)
    .replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, "[url]")
    .replace(/\p{C}+/gu, " ")
    .slice(0, MAX_CHARACTERS)
    .toWellFormed()
    .trim();
}
