import type { EndpointRow } from "@triggers/db";
import type { SecretBox } from "@triggers/domain";

/** The endpoint as clients see it. Custom headers are credentials of the receiver: only their names are shown. */
export function endpointView(secretBox: SecretBox, endpoint: EndpointRow) {
  return {
    id: endpoint.id,
    url: endpoint.url,
    name: endpoint.name,
    description: endpoint.description,
    subscriber: endpoint.subscriber,
    metadata: endpoint.metadata,
    event_types: endpoint.event_types,
    header_names: headerNames(secretBox, endpoint),
    enabled: endpoint.enabled,
    disabled_reason: endpoint.disabled_reason,
    disabled_at: endpoint.disabled_at,
    failing_since: endpoint.failing_since,
    timeout_ms: endpoint.timeout_ms,
    rate_limit_per_second: endpoint.rate_limit_per_second,
    max_in_flight: endpoint.max_in_flight,
    retry_schedule: endpoint.retry_schedule,
    format: endpoint.format,
    created_at: endpoint.created_at,
    updated_at: endpoint.updated_at,
  };
}

function headerNames(secretBox: SecretBox, { sealed_headers, id }: EndpointRow): string[] {
  if (sealed_headers === null) return [];
  return Object.keys(JSON.parse(secretBox.open(sealed_headers, id)) as object);
}
