export { electLeader, type LeaderElection } from "./advisory-lock.ts";
export { type ApiKeyRow, findApiKey, insertApiKey, listApiKeys, type NewApiKey } from "./api-keys.ts";
export { type AuditEntry, listAuditLog } from "./audit-log.ts";
export {
  createOrganizationKey,
  type KeyOutcome,
  type KeyRefusal,
  revokeApiKey,
  rotateApiKey,
} from "./change-api-keys.ts";
export { createDatabase, type Database } from "./connect.ts";
export {
  type DeadLetterRow,
  insertDeadLetter,
  listDeadLetters,
  type NewDeadLetter,
  retryDeadLetter,
} from "./dead-letters.ts";
export { cancelDeliveriesOf, cancelOpenDeliveries } from "./deliveries/cancel-deliveries.ts";
export {
  claimDeliveries,
  type ClaimedDelivery,
  type ClaimRequest,
  findClaimHeldMs,
  type HeldClaim,
  parkDelivery,
  renewClaims,
} from "./deliveries/claim-deliveries.ts";
export { type AttemptRecord, recordAttempts, type RecordedAttempt } from "./deliveries/record-attempts.ts";
export { type DueDelivery, findFirstDeliveries, sweepDeliveries } from "./deliveries/sweep-deliveries.ts";
export {
  type DefaultEndpoint,
  disableEndpoint,
  type EndpointFilter,
  type EndpointRow,
  findDefaultEndpoint,
  findEndpointFilters,
  findEndpointsToSend,
  markEndpointDeleted,
  saveDefaultEndpoint,
} from "./endpoints.ts";
export { eraseQueuedEvent, eraseStoredEvent } from "./erase-event.ts";
export { beginErasure, continueErasure, findErasures } from "./erase-organization.ts";
export {
  type AttemptRow,
  countEvents,
  type DeliveryRow,
  type EventHistory,
  type EventRow,
  findEvent,
} from "./events.ts";
export {
  acknowledgeEvents,
  acknowledgeQueuedEvent,
  type InboxQuery,
  type InboxSelection,
  listInbox,
} from "./inbox.ts";
export { type EventPageQuery, lastPosition, listEvents, type StoredEventStatus } from "./list-events.ts";
export { findMissingMigrations, migrateToLatest } from "./migrator.ts";
export {
  createOrganization,
  findOrganization,
  listOrganizations,
  type OrganizationChange,
  type OrganizationRow,
  updateOrganization,
} from "./organizations.ts";
export type { PageOfIds } from "./page-by-id.ts";
export { createPartitions, daysAhead, daysOfIds } from "./partitions.ts";
export { type EventIntent, findEventIntent, takeEventIntents } from "./persist/event-intents.ts";
export { insertDeliveries, type NewDelivery } from "./persist/insert-deliveries.ts";
export { insertEvents, type NewEvent } from "./persist/insert-events.ts";
export { lockFeeds } from "./persist/lock-feeds.ts";
export { recordKeyUses } from "./record-key-uses.ts";
export { type ExpiredDay, expirePartitions, type Expiry } from "./retention/expire-partitions.ts";
export { expireRows } from "./retention/expire-rows.ts";
export { type Maintenance, withMaintenance } from "./retention/with-maintenance.ts";
export {
  classifySqlError,
  isDatabaseAway,
  isUniqueViolation,
  type SqlFailure,
  sqlStateOf,
} from "./sql-error.ts";
export { type ConnectionWatch, watchConnection } from "./watch-connection.ts";
export { type SchemaCheck, waitForSchema } from "./wait-for-schema.ts";
export { openPostgres, type OpenedPostgres } from "./open-postgres.ts";
