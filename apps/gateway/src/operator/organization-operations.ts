import type { Operation } from "../http/operation.ts";
import { createdKeyAnswer } from "../keys/key-answers.ts";
import { erasingAnswer, organizationAnswer, organizationListAnswer } from "./operator-answers.ts";
import { adminKeySchema, changeOrganizationSchema, organizationListSchema } from "./operator-schemas.ts";

export const listOrganizationsOperation: Operation = {
  id: "listOrganizations",
  tag: "Operator",
  summary: "List organizations, the newest first",
  access: "operator",
  query: organizationListSchema,
  answers: { 200: { description: "A page of organizations.", schema: organizationListAnswer } },
};

export const getOrganizationOperation: Operation = {
  id: "getOrganization",
  tag: "Operator",
  summary: "Show an organization",
  access: "operator",
  answers: { 200: { description: "The organization.", schema: organizationAnswer } },
  problems: ["not_found"],
};

export const changeOrganizationOperation: Operation = {
  id: "changeOrganization",
  tag: "Operator",
  summary: "Change an organization's tier or limit, suspend it or let it go on",
  description: "Counts on every gateway within a second. What is left out stays as it is.",
  access: "operator",
  body: { schema: changeOrganizationSchema, isRequired: true },
  answers: { 200: { description: "The organization after the change.", schema: organizationAnswer } },
  problems: ["not_found", "queue_unavailable"],
};

export const eraseOrganizationOperation: Operation = {
  id: "eraseOrganization",
  tag: "Operator",
  summary: "Erase an organization with everything",
  description:
    "Its keys stop working at once; events that still wait in the queue are dropped. The audit log keeps who did what, by ids only.",
  access: "operator",
  answers: {
    202: { description: "Much of it: a worker erases the rest.", schema: erasingAnswer },
    204: { description: "Nothing of it is left." },
  },
  problems: ["not_found", "queue_unavailable"],
};

export const createAdminKeyOperation: Operation = {
  id: "createAdminKey",
  tag: "Operator",
  summary: "Create an admin key for an organization that is locked out",
  access: "operator",
  body: { schema: adminKeySchema, isRequired: false },
  answers: { 201: { description: "The key, which is shown only here.", schema: createdKeyAnswer } },
  problems: ["not_found", "key_limit_reached", "key_check_busy"],
};
