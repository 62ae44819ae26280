import { randomUUID } from "node:crypto";
import { eventually } from "../../eventually.ts";
import { expectAnswer } from "../../expect.ts";
import type { Answer } from "../../http-call.ts";
import type { Organization } from "../../world.ts";

const path = "/api/events";

export const structured = { "content-type": "application/cloudevents+json" };
export const batch = { "content-type": "application/cloudevents-batch+json" };

export function cloudEvent(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { specversion: "1.0", id: randomUUID(), source: "/conformance", type: "com.example.made", ...more };
}

export function sendStructured(organization: Organization, event: unknown, query = ""): Promise<Answer> {
  return organization.call("POST", path + query, event, structured);
}

/** Attributes become `ce-` headers as they are; the caller encodes. An empty content type is not sent. */
export function sendBinary(
  organization: Organization,
  attributes: Record<string, unknown>,
  body?: string | Buffer,
  contentType = "application/json",
): Promise<Answer> {
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)] as const);
  return organization.call("POST", path, body, {
    "content-type": body === undefined ? "" : contentType,
    ...(Object.fromEntries(headers) as Record<string, string>),
  });
}

/** As it is shown once it is stored, which goes another way than while it is queued. */
export function showStored(organization: Organization, answer: Answer): Promise<Answer> {
  return eventually(async () => {
    const shown = await showEvent(organization, answer);
    expectAnswer(shown, 200, { status: "pending" });
    return shown;
  });
}

export function showEvent(organization: Organization, answer: Answer): Promise<Answer> {
  return organization.call("GET", `${path}/${(answer.body as { id: string }).id}`);
}
