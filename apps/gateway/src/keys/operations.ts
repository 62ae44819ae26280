import type { Operation } from "../http/operation.ts";
import { generatedKeyAnswer, keyListAnswer, rotatedKeyAnswer } from "./key-answers.ts";
import { generateKeySchema, rotateKeySchema } from "./key-schemas.ts";

export const generateKeyOperation: Operation = {
  id: "generateKey",
  tag: "Keys",
  summary: "Create an organization and its first key",
  description: "The key is shown once. Where signup is closed, the operator's token is needed.",
  access: "signup",
  body: { schema: generateKeySchema, isRequired: true },
  answers: { 201: { description: "The organization and its key.", schema: generatedKeyAnswer } },
};

export const listKeysOperation: Operation = {
  id: "listKeys",
  tag: "Keys",
  summary: "Show the organization and its keys",
  access: "read",
  answers: { 200: { description: "The organization and its keys, without secrets.", schema: keyListAnswer } },
};

export const rotateKeyOperation: Operation = {
  id: "rotateKey",
  tag: "Keys",
  summary: "Replace the key that asks",
  description: "The old key stops working on every gateway within 1 s of the overlap's end.",
  access: "admin",
  body: { schema: rotateKeySchema, isRequired: false },
  answers: { 200: { description: "The new key.", schema: rotatedKeyAnswer } },
  problems: ["queue_unavailable"],
};
