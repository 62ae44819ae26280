import {
  createEndpoint,
  type Database,
  type EndpointChange,
  type EndpointRow,
  type EndpointUpdate,
  updateEndpoint,
} from "@triggers/db";
import { completeRetrySchedule, createId, createSigningSecret, type SecretBox } from "@triggers/domain";
import type { EndpointBody, NewEndpointBody } from "./endpoint-schemas.ts";
import { requireAllowedUrl, type UrlDeps } from "./require-allowed-url.ts";
import { requireOk } from "./require-endpoint.ts";

export interface EndpointDeps extends UrlDeps {
  db: Database;
  secretBox: SecretBox;
}

/** The secret is shown to whoever creates the endpoint, and afterwards only to admins. */
export async function addEndpoint(
  deps: EndpointDeps,
  change: EndpointChange,
  { signing_secret, url, enabled = true, ...body }: NewEndpointBody,
): Promise<{ endpoint: EndpointRow; signingSecret: string }> {
  const id = createId();
  const signingSecret = signing_secret ?? createSigningSecret();
  const wanted = {
    ...settingsOf(deps, id, body),
    ...{ id, enabled, url: await requireAllowedUrl(deps, url) },
    sealedSecret: deps.secretBox.seal(signingSecret, id),
  };
  const { endpoint } = requireOk(await createEndpoint(deps.db, change, wanted));
  return { endpoint, signingSecret };
}

export async function changeEndpoint(
  deps: EndpointDeps,
  change: EndpointChange,
  id: string,
  { url, enabled, ...body }: EndpointBody,
): Promise<EndpointRow> {
  const update = {
    ...settingsOf(deps, id, body),
    ...(url === undefined ? {} : { url: await requireAllowedUrl(deps, url) }),
    ...(enabled === undefined ? {} : { enabled }),
  };
  return requireOk(await updateEndpoint(deps.db, change, id, update)).endpoint;
}

/** What is left out stays out. */
function settingsOf(
  { secretBox }: EndpointDeps,
  id: string,
  body: Omit<EndpointBody, "url" | "enabled">,
): EndpointUpdate {
  const { headers, retry_schedule } = body;
  const settings = {
    name: body.name,
    description: body.description,
    subscriber: body.subscriber,
    metadata: body.metadata,
    eventTypes: body.event_types,
    sealedHeaders: headers && secretBox.seal(JSON.stringify(headers), id),
    timeoutMs: body.timeout_ms,
    rateLimitPerSecond: body.rate_limit_per_second,
    maxInFlight: body.max_in_flight,
    retrySchedule: retry_schedule && completeRetrySchedule(retry_schedule),
    format: body.format,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
