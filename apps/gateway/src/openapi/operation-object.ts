import type { ObjectSchema, Schema } from "joi";
import { type Access, type Answer, isKeyed, type Operation } from "../http/operation.ts";
import { deprecationHeaders } from "../http/mark-deprecated.ts";
import type { Route } from "../http/route-table.ts";
import type { OperationObject } from "./document.ts";
import { headersOf } from "./headers.ts";
import { type Conversion, jsonSchemaOf, type JsonSchema } from "./json-schema-of.ts";
import { errorCodesOf, problemResponses } from "./problem-responses.ts";

type Shared = Omit<Conversion, "isAnswer">;

/** The OpenAPI operation of a route; schemas and responses that others share are added to the components. */
export function createOperationObject(
  { path, operation }: Route,
  shared: Shared,
  sharedResponses: Record<string, unknown>,
): OperationObject {
  const pathParameters = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => pathParameter(name));
  const parameters = [
    ...pathParameters,
    ...parametersOf(operation, "query", operation.query, shared),
    ...parametersOf(operation, "header", operation.headers, shared),
  ];
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...descriptionOf(operation),
    ...(operation.isDeprecated ? { deprecated: true } : {}),
    security: securityOf(operation.access),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.body ? { requestBody: requestBodyOf(operation.id, operation.body, shared) } : {}),
    responses: {
      ...problemResponses(errorCodesOf(operation, pathParameters.length > 0), sharedResponses),
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [
          status,
          responseOf(
            withDeprecation(operation, answer),
            isKeyed(operation.access),
            shared,
            `${operation.id} ${status}`,
          ),
        ]),
      ),
    },
  };
}

function descriptionOf({ description, access }: Operation): { description?: string } {
  const scope = isKeyed(access) ? `Needs a key with the scope \`${access}\`.` : undefined;
  const text = [description, scope].filter((part) => part !== undefined).join("\n\n");
  return text === "" ? {} : { description: text };
}

function securityOf(access: Access): Record<string, string[]>[] {
  if (access === "public") return [];
  if (access === "operator") return [{ OperatorToken: [] }];
  if (access === "signup") return [{}, { OperatorToken: [] }];
  return [{ ApiKeyAuth: [] }, { BearerAuth: [] }];
}

/** Ids of the API are UUIDs, but a key's is its own kind, and an error's is its code. */
function pathParameter(name: string): Record<string, unknown> {
  const isUuid = name === "id" || (name.endsWith("_id") && name !== "key_id");
  return {
    name,
    in: "path",
    required: true,
    schema: isUuid ? { type: "string", format: "uuid" } : { type: "string" },
  };
}

function parametersOf(
  { id }: Operation,
  place: "query" | "header",
  schema: ObjectSchema | undefined,
  shared: Shared,
): Record<string, unknown>[] {
  if (!schema) return [];
  const json = jsonSchemaOf(schema, { ...shared, isAnswer: false }, `${id} ${place}`);
  const required = (json.required ?? []) as string[];
  return Object.entries(json.properties as Record<string, JsonSchema>).map(([name, property]) => {
    const { description, deprecated, ...rest } = property;
    return {
      name,
      in: place,
      ...(required.includes(name) ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      ...(deprecated === undefined ? {} : { deprecated }),
      // `name[key]=value`, once for each pair.
      ...(place === "query" && rest.type === "object" ? { style: "deepObject", explode: true } : {}),
      schema: rest,
    };
  });
}

function requestBodyOf(id: string, body: NonNullable<Operation["body"]>, shared: Shared) {
  const media: [string, Schema][] = [
    ["application/json", body.schema],
    ...Object.entries(body.mediaTypes ?? {}),
  ];
  return {
    required: body.isRequired,
    content: Object.fromEntries(
      media.map(([type, schema]) => [
        type,
        { schema: jsonSchemaOf(schema, { ...shared, isAnswer: false }, `${id} ${type}`) },
      ]),
    ),
  };
}

function withDeprecation({ isDeprecated }: Operation, answer: Answer): Answer {
  return isDeprecated ? { ...answer, headers: { ...deprecationHeaders, ...answer.headers } } : answer;
}

function responseOf(answer: Answer, isLimited: boolean, shared: Shared, place: string) {
  const own = Object.entries({ ...answer.headers, ...answer.optionalHeaders }).map(([name, description]) => [
    name,
    { description, required: name in (answer.headers ?? {}), schema: { type: "string" } },
  ]);
  const schema = answer.schema
    ? jsonSchemaOf(answer.schema, { ...shared, isAnswer: true }, place)
    : undefined;
  return {
    description: answer.description,
    headers: { ...headersOf(200, isLimited), ...(Object.fromEntries(own) as Record<string, unknown>) },
    ...(schema ? { content: { [answer.mediaType ?? "application/json"]: { schema } } } : {}),
  };
}
