import type { Section } from "../check.ts";
import { authenticationChecks } from "./authentication-and-keys/authentication.ts";
import { generateChecks } from "./authentication-and-keys/generate.ts";
import { keyChecks } from "./authentication-and-keys/keys.ts";
import { scopeChecks } from "./authentication-and-keys/scopes.ts";
import { attributeChecks } from "./cloudevents/attributes.ts";
import { dataChecks } from "./cloudevents/data.ts";
import { conventionChecks } from "./conventions/conventions.ts";
import { listChecks } from "./conventions/lists.ts";
import { errorChecks } from "./errors/errors.ts";
import { ackChecks } from "./inbox/ack.ts";
import { leaseAckChecks } from "./inbox/lease-ack.ts";
import { leaseEndChecks } from "./inbox/lease-ends.ts";
import { leaseChecks } from "./inbox/lease.ts";
import { inboxListChecks } from "./inbox/list.ts";
import { quarantineChecks } from "./inbox/quarantine.ts";
import { inboxStreamChecks } from "./inbox/stream.ts";
import { inboxWaitChecks } from "./inbox/wait.ts";
import { documentChecks } from "./operations/document.ts";
import { healthChecks } from "./operations/health.ts";
import { operatorListChecks } from "./operator/lists.ts";
import { organizationChecks } from "./operator/organizations.ts";
import { rateLimitChecks } from "./rate-limit-headers/rate-limit-headers.ts";
import { publishLimitChecks } from "./rate-limit-headers/publish-limit.ts";
import { acceptanceChecks } from "./sending-events/acceptance.ts";
import { batchChecks } from "./sending-events/batch.ts";
import { bodyChecks } from "./sending-events/bodies.ts";
import { eraseChecks } from "./sending-events/erase.ts";
import { eventListChecks } from "./sending-events/event-list.ts";
import { fieldChecks } from "./sending-events/fields.ts";
import { idempotencyChecks } from "./sending-events/idempotency.ts";
import { attemptChecks } from "./webhooks/attempts.ts";
import { webhookConfigChecks } from "./webhooks/config.ts";
import { deliveryChecks } from "./webhooks/deliveries.ts";
import { disablingChecks } from "./webhooks/disabling.ts";
import { endpointFieldChecks } from "./webhooks/endpoint-fields.ts";
import { endpointChecks } from "./webhooks/endpoints.ts";
import { formatChecks } from "./webhooks/formats.ts";
import { operationalEventChecks } from "./webhooks/operational-events.ts";
import { paceChecks } from "./webhooks/pace.ts";
import { replayChecks } from "./webhooks/replays.ts";
import { webhookRequestChecks } from "./webhooks/requests.ts";
import { webhookRetryChecks } from "./webhooks/retries.ts";
import { routingChecks } from "./webhooks/routing.ts";
import { secretChecks } from "./webhooks/secrets.ts";
import { singleRetryChecks } from "./webhooks/single-retry.ts";
import { statusChecks } from "./webhooks/statuses.ts";
import { testSendChecks } from "./webhooks/test-send.ts";

/** The contract, section by section; 0 is what stands before its first. A new area is a file and a line here. */
const all: Section[] = [
  { number: 0, name: "conventions", checks: [...conventionChecks, ...listChecks] },
  {
    number: 1,
    name: "authentication-and-keys",
    checks: [...generateChecks, ...authenticationChecks, ...scopeChecks, ...keyChecks],
  },
  {
    number: 2,
    name: "sending-events",
    checks: [
      ...[...fieldChecks, ...bodyChecks, ...acceptanceChecks, ...idempotencyChecks],
      ...[...batchChecks, ...eventListChecks, ...eraseChecks],
    ],
  },
  { number: 3, name: "cloudevents", checks: [...attributeChecks, ...dataChecks] },
  {
    number: 4,
    name: "inbox",
    checks: [
      ...[...inboxListChecks, ...inboxWaitChecks, ...inboxStreamChecks, ...ackChecks],
      ...[...leaseChecks, ...leaseEndChecks, ...leaseAckChecks, ...quarantineChecks],
    ],
  },
  {
    number: 5,
    name: "webhooks",
    checks: [
      ...[...webhookConfigChecks, ...webhookRequestChecks, ...webhookRetryChecks],
      ...[...endpointChecks, ...endpointFieldChecks, ...routingChecks, ...formatChecks, ...secretChecks],
      ...[...disablingChecks, ...attemptChecks, ...statusChecks, ...paceChecks, ...testSendChecks],
      ...[...deliveryChecks, ...singleRetryChecks, ...replayChecks, ...operationalEventChecks],
    ],
  },
  { number: 6, name: "operations", checks: [...healthChecks, ...documentChecks] },
  { number: 7, name: "rate-limit-headers", checks: [...rateLimitChecks, ...publishLimitChecks] },
  { number: 8, name: "errors", checks: errorChecks },
  { number: 9, name: "operator", checks: [...organizationChecks, ...operatorListChecks] },
];

/** By number or name; all when none is named. Throws when one does not exist. */
export function sectionsNamed(names: readonly string[]): Section[] {
  const known = (name: string) => all.find((one) => String(one.number) === name || one.name === name);
  const unknown = names.find((name) => !known(name));
  if (unknown !== undefined) {
    const possible = all.map(({ number, name }) => `${number} ${name}`).join(", ");
    throw new Error(`There is no section ${unknown}; there are ${possible}.`);
  }
  return names.length === 0 ? all : all.filter((one) => names.some((name) => known(name) === one));
}
