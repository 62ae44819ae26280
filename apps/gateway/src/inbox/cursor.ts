import { DomainError } from "@triggers/domain";

/** Opaque to clients: a position in the organization's feed. */
export function encodeCursor(position: number): string {
  return Buffer.from(`p${position}`).toString("base64url");
}

export function decodeCursor(cursor: string): number {
  const position = /^p(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (position !== undefined && encodeCursor(Number(position)) === cursor) return Number(position);
  throw new DomainError("invalid_request", "The cursor is not one that this API gave out.", {
    fields: [{ pointer: "cursor", detail: "is not a cursor of this list" }],
  });
}
