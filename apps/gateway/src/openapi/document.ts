import type { JsonSchema } from "./json-schema-of.ts";

/** As much of an OpenAPI document as its builder and its readers here need to know. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; [more: string]: unknown };
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, JsonSchema>; [more: string]: unknown };
  [more: string]: unknown;
}

export interface OperationObject {
  operationId: string;
  responses: Record<string, unknown>;
  [more: string]: unknown;
}
