import type { Operation } from "../http/operation.ts";
import type { Route } from "../http/route-table.ts";
import type { OpenApiDocument } from "./document.ts";
import { headerComponents } from "./headers.ts";
import { type Conversion, jsonSchemaOf, type JsonSchema } from "./json-schema-of.ts";
import { createOperationObject } from "./operation-object.ts";
import { problemSchema } from "./problem-schema.ts";
import { eventWebhook, webhookBodySchema, webhookCloudEventSchema } from "./webhook.ts";

const tags: Record<Operation["tag"], string> = {
  Keys: "Organizations and their API keys.",
  Events: "Sending events, and what became of them.",
  Inbox: "Events that wait to be read and acknowledged.",
  Webhooks: "Where events are delivered.",
  Deliveries: "What became of each event at each endpoint, and how to send it again.",
  Operations: "Health and documentation.",
  Operator: "For whoever runs the service.",
};

/** The OpenAPI 3.1 document of the routes, and the rules of their schemas that it cannot know (there should be none). */
export function createDocument(
  routes: readonly Route[],
  version: string,
): { document: OpenApiDocument; unsaid: string[] } {
  const schemas = new Map<string, JsonSchema>();
  const conversion: Omit<Conversion, "isAnswer"> = { components: schemas, unsaid: [] };
  const responses: Record<string, unknown> = {};
  const paths: OpenApiDocument["paths"] = {};
  jsonSchemaOf(problemSchema, { ...conversion, isAnswer: true });
  schemas.set("WebhookBody", webhookBodySchema);
  schemas.set("WebhookCloudEvent", webhookCloudEventSchema);
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method] = createOperationObject(route, conversion, responses);
  }
  const used = new Set(routes.map(({ operation }) => operation.tag));
  const document = {
    openapi: "3.1.0",
    info: {
      title: "Triggers API",
      version,
      summary: "Send events, keep them, deliver them: durable before 202, nothing lost.",
      description:
        "Bodies are JSON. Timestamps are RFC 3339 in UTC, ids are UUIDs. Errors are problem documents (RFC 9457) with " +
        "a stable `code`: [all of them](/docs/errors). `/api` is version 1 and only grows: fields, codes and event " +
        "types may be added.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This server." }],
    tags: Object.entries(tags)
      .filter(([name]) => used.has(name as Operation["tag"]))
      .map(([name, description]) => ({ name, description })),
    paths,
    webhooks: { event: eventWebhook },
    components: {
      schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))),
      responses,
      headers: headerComponents,
      securitySchemes: {
        ApiKeyAuth: { type: "apiKey", in: "header", name: "X-API-Key", description: "An API key." },
        BearerAuth: { type: "http", scheme: "bearer", description: "The same API key as a bearer token." },
        OperatorToken: { type: "http", scheme: "bearer", description: "The operator's `ADMIN_TOKEN`." },
      },
    },
  };
  return { document, unsaid: conversion.unsaid };
}
