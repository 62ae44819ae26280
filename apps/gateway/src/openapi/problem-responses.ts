import type { ErrorCode } from "@triggers/domain";
import { hasCheckedQuery, isKeyed, type Operation } from "../http/operation.ts";
import { problems } from "../http/problem-table.ts";
import { headersOf } from "./headers.ts";

/** Every error code that the operation can answer with; what its access, its body and its parameters bring along is known here. */
export function errorCodesOf(operation: Operation, hasPathParameters: boolean): ErrorCode[] {
  const codes = new Set<ErrorCode>();
  const add = (...more: ErrorCode[]) => more.forEach((code) => codes.add(code));
  if (hasCheckedQuery(operation) || operation.body) add("invalid_request", "unknown_field");
  if (hasPathParameters) add("invalid_request");
  if (operation.body) add("malformed_json", "payload_too_large", "unsupported_media_type");
  if (operation.access === "signup") add("signup_limit_exceeded");
  if (operation.access === "signup" || operation.access === "operator") add("admin_token_required");
  if (isKeyed(operation.access)) {
    add("conflicting_api_keys", "missing_api_key", "invalid_api_key", "missing_scope");
    add("organization_suspended", "rate_limit_exceeded", "key_check_busy");
  }
  if (operation.access !== "public") add("database_unavailable", "internal_error");
  add(...(operation.problems ?? []));
  return [...codes];
}

/** Responses by status. Those with the same codes stand once among the components, whose entries are added to `shared`. */
export function problemResponses(
  codes: readonly ErrorCode[],
  shared: Record<string, unknown>,
): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => {
      const sorted = group.toSorted();
      const name = sorted.map(toPascalCase).join("Or");
      shared[name] = problemResponse(status, sorted);
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}

function problemResponse(status: number, codes: readonly ErrorCode[]) {
  return {
    description: codes
      .map((code) => `[\`${code}\`](/docs/errors/${code}): ${problems[code].title}.`)
      .join("\n\n"),
    headers: headersOf(status, status === 429 && codes.includes("rate_limit_exceeded")),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Problem" },
            { type: "object", properties: { code: { enum: codes }, status: { const: status } } },
          ],
        },
      },
    },
  };
}

function toPascalCase(code: string): string {
  return code.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
}
