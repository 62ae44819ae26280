import type { Operation } from "../http/operation.ts";
import { createdKeyAnswer, generatedKeyAnswer, keyListAnswer, rotatedKeyAnswer } from "./key-answers.ts";
import { createKeySchema, generateKeySchema, rotateKeySchema } from "./key-schemas.ts";

export const generateKeyOperation: Operation = {
  id: "generateKey",
  tag: "Keys",
  summary: "Create an organization and its first key",
  description: "The key is shown once. Where signup is closed, the operator's token is needed.",
  access: "signup",
  body: { schema: generateKeySchema, isRequired: true },
  answers: {
    201: {
      description: "The organization and its key, which is shown only here.",
      schema: generatedKeyAnswer,
    },
  },
  problems: ["key_check_busy"],
};

export const listKeysOperation: Operation = {
  id: "listKeys",
  tag: "Keys",
  summary: "Show the organization and its keys",
  description: "Keys that are neither revoked nor expired, oldest first; never a secret.",
  access: "read",
  answers: { 200: { description: "The organization and its keys.", schema: keyListAnswer } },
};

export const createKeyOperation: Operation = {
  id: "createKey",
  tag: "Keys",
  summary: "Create a further key of the organization",
  access: "admin",
  body: { schema: createKeySchema, isRequired: false },
  answers: { 201: { description: "The key, which is shown only here.", schema: createdKeyAnswer } },
  problems: ["key_limit_reached"],
};

export const rotateKeyOperation: Operation = {
  id: "rotateKey",
  tag: "Keys",
  summary: "Replace the key that asks",
  description:
    "The new key has the old one's name and scopes and does not expire. The old one stops working everywhere within a second of the overlap's end.",
  access: "admin",
  body: { schema: rotateKeySchema, isRequired: false },
  answers: { 200: { description: "The new key, which is shown only here.", schema: rotatedKeyAnswer } },
  problems: ["queue_unavailable"],
};

export const revokeKeyOperation: Operation = {
  id: "revokeKey",
  tag: "Keys",
  summary: "Revoke a key",
  description:
    "It stops working everywhere within a second. A key may revoke itself, unless it is the last admin key.",
  access: "admin",
  answers: { 204: { description: "The key is revoked." } },
  problems: ["not_found", "last_admin_key", "queue_unavailable"],
};
