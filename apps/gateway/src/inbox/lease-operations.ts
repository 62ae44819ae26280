import type { Operation } from "../http/operation.ts";
import {
  extendAnswer,
  inboxStatsAnswer,
  leaseAnswer,
  redriveAnswer,
  releaseAnswer,
} from "./lease-answers.ts";
import { extendSchema, leaseSchema, redriveSchema, releaseSchema } from "./lease-schemas.ts";

export const leaseEventsOperation: Operation = {
  id: "leaseEvents",
  tag: "Inbox",
  summary: "Lease events",
  description:
    "Hands out events for a time, in which nobody else gets them: acknowledge, release or extend before it ends. What " +
    "is not acknowledged comes back; after the last of its leases (5 unless the operator says otherwise) it is " +
    "quarantined. When there is nothing, `lease_id` is null and `events` empty.",
  access: "consume",
  body: { schema: leaseSchema, isRequired: false },
  answers: { 200: { description: "The lease; empty when there was nothing.", schema: leaseAnswer } },
  problems: ["too_many_waiters"],
};

export const releaseLeaseOperation: Operation = {
  id: "releaseLease",
  tag: "Inbox",
  summary: "Release leased events",
  description:
    "Gives events back, at once or after a delay (nack). The lease counts nevertheless: an event on its last lease is " +
    "quarantined.",
  access: "consume",
  body: { schema: releaseSchema, isRequired: true },
  answers: { 200: { description: "One result per event.", schema: releaseAnswer } },
  problems: ["not_found", "lease_expired"],
};

export const extendLeaseOperation: Operation = {
  id: "extendLease",
  tag: "Inbox",
  summary: "Extend a lease",
  description: "The heartbeat of a consumer whose work takes longer: everything that the lease still holds.",
  access: "consume",
  body: { schema: extendSchema, isRequired: true },
  answers: { 200: { description: "The lease goes on.", schema: extendAnswer } },
  problems: ["not_found", "lease_expired"],
};

export const redriveEventsOperation: Operation = {
  id: "redriveEvents",
  tag: "Inbox",
  summary: "Redrive quarantined events",
  description: "Puts them back as if they had never been leased. One result per id, in order.",
  access: "consume",
  body: { schema: redriveSchema, isRequired: true },
  answers: { 200: { description: "One result per id.", schema: redriveAnswer } },
};

export const getInboxStatsOperation: Operation = {
  id: "getInboxStats",
  tag: "Inbox",
  summary: "Show how full the inbox is",
  description: "What to scale consumers on.",
  access: "read",
  answers: { 200: { description: "The figures.", schema: inboxStatsAnswer } },
};
