import { DomainError, isUuid } from "@triggers/domain";

/** A path parameter that is a UUID, in lower case; anything else is a 400 that names it. */
export function uuidParam(text: unknown, name: string): string {
  if (typeof text === "string" && isUuid(text)) return text.toLowerCase();
  throw new DomainError("invalid_request", `The ${name} is not a UUID.`, {
    fields: [{ pointer: name, detail: "must be a UUID" }],
  });
}
