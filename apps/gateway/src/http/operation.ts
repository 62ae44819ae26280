import type { ErrorCode, Scope } from "@triggers/domain";
import type { ObjectSchema, Schema } from "joi";

export type Tag = "Keys" | "Events" | "Inbox" | "Webhooks" | "Deliveries" | "Operations" | "Operator";

/** Who may call: holders of a key with this scope, the operator, whoever may sign up, everybody. */
export type Access = Scope | "operator" | "signup" | "public";

export function isKeyed(access: Access): access is Scope {
  return access !== "operator" && access !== "signup" && access !== "public";
}

/**
 * Whether a query is checked, by the operation's schema or for being empty. What is open to everybody is asked by
 * browsers, load balancers and scrapers, which add parameters of their own.
 */
export function hasCheckedQuery({ access, query }: Pick<Operation, "access" | "query">): boolean {
  return query !== undefined || access !== "public";
}

export interface Answer {
  description: string;
  /** What the body holds; left out where there is none. */
  schema?: Schema;
  /** `application/json` when left out. */
  mediaType?: string;
  /** Headers of this answer beyond those that every answer has: name → what it says. */
  headers?: Record<string, string>;
  /** Those that only some of these answers have. */
  optionalHeaders?: Record<string, string>;
}

/**
 * What the OpenAPI document says of a route. It stands beside the code that does it, and the same schemas check the
 * requests. The problems that every route of its access can meet need not be named.
 */
export interface Operation {
  /** The `operationId`: never changes, generated clients are named after it. */
  id: string;
  tag: Tag;
  summary: string;
  description?: string;
  access: Access;
  isDeprecated?: boolean;
  /** Left out where the route takes none; then any field of a query is refused, unless the route is public. */
  query?: ObjectSchema;
  /** Request headers that mean something to this route only, by their lower-case names. */
  headers?: ObjectSchema;
  body?: { schema: Schema; isRequired: boolean; mediaTypes?: Record<string, Schema> };
  answers: Record<number, Answer>;
  problems?: ErrorCode[];
}
