import type { Operation } from "../http/operation.ts";
import { savedWebhookAnswer, webhookAnswer } from "./webhook-config-answers.ts";
import { webhookConfigSchema } from "./webhook-config-schema.ts";

export const configureWebhookOperation: Operation = {
  id: "configureWebhook",
  tag: "Webhooks",
  summary: "Configure the organization's webhook",
  description: "The shortcut for one endpoint: creates or replaces the one named `default`, and enables it.",
  access: "endpoints",
  body: { schema: webhookConfigSchema, isRequired: true },
  answers: { 200: { description: "The webhook is configured.", schema: savedWebhookAnswer } },
  problems: ["webhook_url_refused", "endpoint_limit_reached"],
};

export const getWebhookOperation: Operation = {
  id: "getWebhook",
  tag: "Webhooks",
  summary: "Show the organization's webhook",
  description: "Custom headers and the signing secret are not shown.",
  access: "read",
  answers: { 200: { description: "The webhook.", schema: webhookAnswer } },
  problems: ["not_found"],
};

export const deleteWebhookOperation: Operation = {
  id: "deleteWebhook",
  tag: "Webhooks",
  summary: "Delete the organization's webhook",
  description: "Pending deliveries are cancelled.",
  access: "endpoints",
  answers: { 204: { description: "The webhook is deleted." } },
  problems: ["not_found"],
};
