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
  dropRequest,
  findClaimHeldMs,
  type HeldClaim,
  parkDelivery,
  renewClaims,
  returnClaims,
} from "./deliveries/claim-deliveries.ts";
export {
  type DeliveryFilter,
  findDelivery,
  listDeliveries,
  type ListedDelivery,
} from "./deliveries/list-deliveries.ts";
export {
  type Backlog,
  findBacklogs,
  findParkedDeliveries,
  type ParkedQuery,
  parkDeliveries,
} from "./deliveries/park-deliveries.ts";
export { type AttemptRecord, recordAttempts, type RecordedAttempt } from "./deliveries/record-attempts.ts";
export { requestAttempt, type RequestedAttempt } from "./deliveries/request-attempt.ts";
export {
  type DueDelivery,
  findFirstDeliveries,
  sweepDeliveries,
  sweepRequests,
} from "./deliveries/sweep-deliveries.ts";
export type { EndpointChange, EndpointOutcome, EndpointRefusal } from "./endpoints/change-endpoints.ts";
export { createEndpoint, type NewEndpoint } from "./endpoints/create-endpoint.ts";
export { deleteEndpoint } from "./endpoints/delete-endpoint.ts";
export type { EndpointSettings } from "./endpoints/endpoint-settings.ts";
export { type EndpointStats, readEndpointStats } from "./endpoints/endpoint-stats.ts";
export { type EndpointListFilter, findEndpoint, listEndpoints } from "./endpoints/list-endpoints.ts";
export { findEndpointToShowSecret, rotateEndpointSecret } from "./endpoints/rotate-secret.ts";
export { type DefaultEndpoint, saveDefaultEndpoint } from "./endpoints/save-default-endpoint.ts";
export { type EndpointUpdate, updateEndpoint } from "./endpoints/update-endpoint.ts";
export {
  type DisableCause,
  disableEndpoint,
  type EndpointFilter,
  type EndpointRow,
  findDefaultEndpoint,
  findEndpointFilters,
  lockDisabledEndpoints,
  findEndpointsToSend,
  markEndpointsFailing,
  markEndpointsSucceeding,
  type VersionedEndpoint,
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
  selectInbox,
} from "./inbox.ts";
export { acknowledgeLease } from "./leases/acknowledge-lease.ts";
export { extendLease, isLeaseLive } from "./leases/extend-lease.ts";
export { findStoredIds } from "./leases/find-stored-ids.ts";
export type { HeldLease } from "./leases/held-events.ts";
export { type InboxStats, type InboxTotals, readInboxStats, readInboxTotals } from "./leases/inbox-stats.ts";
export { findNextReturnMs, leaseEvents, type LeaseRequest, leaseStatement } from "./leases/lease-events.ts";
export { redriveEvents } from "./leases/redrive-events.ts";
export { releaseLease, undoLease } from "./leases/release-lease.ts";
export { type EventPageQuery, lastPosition, listEvents, type StoredEventStatus } from "./list-events.ts";
export { type Chores, findChores } from "./find-chores.ts";
export { findMissingMigrations, migrateToLatest } from "./migrator.ts";
export {
  findLateOperationalEvents,
  type OperationalEvent,
  removeOperationalEvents,
} from "./operational-events.ts";
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
export { readPositions } from "./read-positions.ts";
export {
  cancelReplay,
  createReplay,
  findReplay,
  findRunningReplays,
  listReplays,
  type ReplayRow,
} from "./replays/replays.ts";
export { type ReplayPage, runReplayPage } from "./replays/run-replay-page.ts";
export type { ReplaySelection } from "./schema.ts";
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
export type { ParkedAs } from "./schema.ts";
export { type ConnectionWatch, watchConnection } from "./watch-connection.ts";
export { type SchemaCheck, waitForSchema } from "./wait-for-schema.ts";
export { openPostgres, type OpenedPostgres } from "./open-postgres.ts";
