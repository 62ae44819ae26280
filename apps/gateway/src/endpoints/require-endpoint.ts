import {
  type Database,
  type EndpointOutcome,
  type EndpointRefusal,
  type EndpointRow,
  findEndpoint,
} from "@triggers/db";
import { DomainError } from "@triggers/domain";

const refusals: Record<EndpointRefusal, () => DomainError> = {
  // Its keys went first: whoever asks now was let in a moment before.
  organization_gone: () => new DomainError("invalid_api_key", "The API key is not valid."),
  no_such_endpoint: () => new DomainError("not_found", "There is no such endpoint."),
  endpoint_limit_reached: () =>
    new DomainError("endpoint_limit_reached", "There are 50 endpoints of this subscriber; delete one."),
  endpoint_name_taken: () =>
    new DomainError("endpoint_name_taken", "There is an endpoint named `default` already."),
  secret_limit_reached: () =>
    new DomainError(
      "secret_limit_reached",
      "Five signing secrets are live; wait until one ends, or rotate with `overlap_seconds: 0`.",
    ),
};

/** What the change made, or its refusal thrown. */
export function requireOk<T>(outcome: EndpointOutcome<T>): { ok: true } & T {
  if (!outcome.ok) throw refusals[outcome.refusal]();
  return outcome;
}

export async function getEndpoint(db: Database, organizationId: string, id: string): Promise<EndpointRow> {
  const endpoint = await findEndpoint(db, organizationId, id);
  if (!endpoint) throw refusals.no_such_endpoint();
  return endpoint;
}
