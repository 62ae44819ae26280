import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { callApi } from "@triggers/testing";
import type { OpenApiDocument } from "../src/openapi/document.ts";

export interface DocumentedAnswer {
  description?: string;
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, unknown>;
}

export interface DocumentedOperation {
  id: string;
  method: string;
  /** With `{parameters}`. */
  path: string;
  isKeyed: boolean;
  isOperators: boolean;
  hasQuery: boolean;
  hasBody: boolean;
  answers: Record<string, DocumentedAnswer>;
  /** What is wrong with a body of this answer, as text; "" when nothing. Fields that are not documented are wrong too. */
  faultsOfAnswer(status: number, mediaType: string, body: unknown): string;
  /** Whether the document allows this request body. */
  allows(body: unknown): boolean;
}

type Json = Record<string, unknown>;

export async function readDocument(url: string): Promise<OpenApiDocument> {
  return (await callApi(url, "GET", "/openapi.json")).body as OpenApiDocument;
}

/** The operations of a document as a test reads them: with references followed and schemas ready to check with. */
export function operationsOf(document: OpenApiDocument): DocumentedOperation[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...(closed(document) as Json), $id: "document" });
  const validate = (...path: string[]) => {
    const pointer = path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
    const check = ajv.getSchema(`document#${encodeURI(pointer)}`);
    if (!check) throw new Error(`there is no schema at ${pointer}`);
    return (value: unknown) => (check(value) === true ? "" : ajv.errorsText(check.errors));
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const place = ["paths", path, method];
      const answers: Record<string, DocumentedAnswer> = {};
      const places: Record<string, string[]> = {};
      for (const [status, answer] of Object.entries(operation.responses)) {
        const { $ref } = answer as { $ref?: string };
        places[status] = $ref ? $ref.slice(2).split("/") : [...place, "responses", status];
        answers[status] = at(document, places[status]);
      }
      return {
        ...{ id: operation.operationId, method: method.toUpperCase(), path, answers },
        isKeyed: JSON.stringify(operation.security).includes("ApiKeyAuth"),
        isOperators: JSON.stringify(operation.security) === '[{"OperatorToken":[]}]',
        hasQuery: JSON.stringify(operation.parameters ?? []).includes('"in":"query"'),
        hasBody: operation.requestBody !== undefined,
        faultsOfAnswer: (status, mediaType, body) =>
          validate(...(places[String(status)] ?? []), "content", mediaType, "schema")(body),
        allows: (body) =>
          validate(...place, "requestBody", "content", "application/json", "schema")(body) === "",
      };
    }),
  );
}

function at(document: unknown, place: readonly string[]): DocumentedAnswer {
  return place.reduce((value, key) => (value as Json)[key], document) as DocumentedAnswer;
}

/** Answers may gain fields, so the document leaves them open; the code that this test runs must not be ahead of it. */
function closed(value: unknown, isPart = false): unknown {
  if (Array.isArray(value)) return value.map((item) => closed(item, isPart));
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, closed(child, key === "allOf")]),
  );
  const isClosable = copy.type === "object" && copy.properties !== undefined && !isPart;
  return isClosable ? { additionalProperties: false, ...copy } : copy;
}
