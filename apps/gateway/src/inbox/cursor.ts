import { DomainError } from "@triggers/domain";

/** Opaque to clients: a position in the organization's feed. */
export function encodeCursor(position: number): string {
  return Buffer.from(`p${position}`).toString("base64url");
}

/** `pointer` names the parameter that brought it. */
export function decodeCursor(cursor: string, pointer = "cursor"): number {
  const position = /^p(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (position !== undefined && encodeCursor(Number(position)) === cursor) return Number(position);
  throw new DomainError("invalid_request", "The cursor is not one that this API gave out.", {
    fields: [{ pointer, detail: "is not a cursor of this list" }],
  });
}
