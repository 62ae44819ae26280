import type { DeliveryStatus, InboxStatus, Scope, Tier } from "@triggers/domain";
import type { ColumnType, Generated, GeneratedAlways } from "kysely";

type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type NullableTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

export interface OrganizationTable {
  id: string;
  name: string;
  tier: Tier;
  /** Overrides the tier's events per minute. */
  rate_limit_per_minute: number | null;
  suspended_at: NullableTimestamp;
  /** Its erasure has begun: keys and feed are gone, and its row goes last. */
  erasing_since: NullableTimestamp;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface ApiKeyTable {
  key_id: string;
  organization_id: string;
  name: string | null;
  /** bcrypt of the key's secret part. */
  secret_hash: string;
  scopes: Scope[];
  created_at: Timestamp;
  last_used_at: NullableTimestamp;
  expires_at: NullableTimestamp;
  revoked_at: NullableTimestamp;
}

export interface EndpointTable {
  id: string;
  organization_id: string;
  name: string | null;
  description: string | null;
  url: string;
  subscriber: string | null;
  metadata: Record<string, string> | null;
  /** Patterns; null means every event type. */
  event_types: string[] | null;
  /** Custom headers, sealed JSON: they carry receivers' credentials. */
  sealed_headers: Buffer | null;
  sealed_secret: Buffer;
  /** Earlier secrets, the newest first, and when each stops signing. */
  sealed_previous_secrets: Generated<Buffer[]>;
  previous_secrets_expire_at: ColumnType<Date[], Date[] | undefined, Date[]>;
  enabled: Generated<boolean>;
  disabled_reason: string | null;
  disabled_at: NullableTimestamp;
  timeout_ms: Generated<number>;
  rate_limit_per_second: number | null;
  max_in_flight: Generated<number>;
  /** Seconds before each attempt; null means the default schedule. */
  retry_schedule: number[] | null;
  format: Generated<"standard" | "cloudevents">;
  /** Since when every attempt has failed. */
  failing_since: NullableTimestamp;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: NullableTimestamp;
}

/** `last_position` numbers an organization's events in the order of their commits. */
export interface FeedTable {
  organization_id: string;
  last_position: Generated<number>;
}

export interface EventTable {
  id: string;
  organization_id: string;
  position: number;
  type: string;
  /** JSON text as it was sent; null when there was none, or when it was erased. */
  payload: string | null;
  dedup_id: string | null;
  subscriber: string | null;
  metadata: Record<string, string> | null;
  occurred_at: NullableTimestamp;
  /** JSON text of CloudEvents attributes that have no column of their own. */
  cloudevent: string | null;
  /** As it was written last: a lease runs out without a write. `currentInboxStatus` says what it is by now. */
  inbox_status: Generated<InboxStatus>;
  /** Null while a released event waits for its delay. */
  lease_id: string | null;
  leased_until: NullableTimestamp;
  lease_count: Generated<number>;
  /** When a leased event comes back by itself; null on its last lease, after which it is quarantined. */
  available_at: NullableTimestamp;
  acknowledged_at: NullableTimestamp;
  pending_deliveries: Generated<number>;
  retrying_deliveries: Generated<number>;
  delivered_deliveries: Generated<number>;
  failed_deliveries: Generated<number>;
  skipped_deliveries: Generated<number>;
  cancelled_deliveries: Generated<number>;
  /** The worst over its deliveries; Postgres derives it from the six counters. */
  delivery_status: GeneratedAlways<DeliveryStatus>;
  attempts: Generated<number>;
  response_status: number | null;
  last_error: string | null;
  persisted_at: Timestamp;
  updated_at: Timestamp;
  erased_at: NullableTimestamp;
}

/** First attempts and retries have room of their own. */
export type ParkedAs = "first" | "retry";

export interface DeliveryTable {
  event_id: string;
  endpoint_id: string;
  /** Derived from the event's and the endpoint's id, so that a repeated batch makes the same one. */
  id: string;
  organization_id: string;
  status: Exclude<DeliveryStatus, "none">;
  /** Index into the retry schedule of the attempt that comes next. */
  schedule_step: Generated<number>;
  /** How many attempts were recorded, manual ones too. */
  attempts: Generated<number>;
  next_attempt_at: Timestamp;
  /** When the sweeper enqueues it again if it is still open; never while it is parked. */
  sweep_at: Timestamp;
  /** It waits here until its endpoint has room in Redis, or is enabled again; null while its job is in Redis or due later. */
  parked_as: ParkedAs | null;
  claim_id: string | null;
  claimed_until: NullableTimestamp;
  response_status: number | null;
  error_code: string | null;
  /** An attempt that somebody asked for: beside the schedule, or as the first of a replayed delivery. */
  requested: "manual" | "replay" | null;
  requested_at: NullableTimestamp;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface AttemptTable {
  event_id: string;
  delivery_id: string;
  number: number;
  organization_id: string;
  endpoint_id: string;
  trigger: "schedule" | "manual" | "replay" | "test";
  started_at: Timestamp;
  duration_ms: number;
  response_status: number | null;
  error_code: string | null;
  error_detail: string | null;
  response_headers: Record<string, string> | null;
  response_body: Buffer | null;
}

/** Which deliveries a replay is about. */
export interface ReplaySelection {
  /** Bounds on the time of acceptance, as ids: from the first on, before the second; null leaves it open. */
  sinceId: string | null;
  untilId: string | null;
  /** Patterns; null means every type. */
  eventTypes: string[] | null;
  only: "failed" | "missing" | "skipped" | "all";
}

export interface ReplayTable {
  id: string;
  organization_id: string;
  /** Null: all endpoints of the organization. */
  endpoint_id: string | null;
  selection: ReplaySelection;
  status: Generated<"running" | "completed" | "cancelled">;
  matched: Generated<number>;
  enqueued: Generated<number>;
  skipped: Generated<number>;
  /** The position of the last event that it has handled: where it resumes. */
  resume_position: Generated<number>;
  /** The feed's last position when it was asked for: where it ends. */
  last_position: number;
  created_at: Timestamp;
  finished_at: NullableTimestamp;
}

/** What was asked of an event before it was persisted. */
export interface EventIntentTable {
  event_id: string;
  organization_id: string;
  acknowledged_at: NullableTimestamp;
  erased_at: NullableTimestamp;
}

/** An event that can never be stored as one: its bytes and the reason. */
export interface DeadLetterTable {
  event_id: string;
  organization_id: string | null;
  /** Empty when the event was erased. */
  job: Buffer;
  reason: string;
  error_code: string | null;
  created_at: Timestamp;
  retried_at: NullableTimestamp;
}

/** The service's own event on its way to the queue. */
export interface OperationalEventTable {
  id: string;
  organization_id: string;
  type: string;
  /** JSON text. */
  payload: string;
  created_at: Timestamp;
}

export interface AuditLogTable {
  id: string;
  organization_id: string | null;
  actor: string;
  action: string;
  target: string | null;
  detail: Record<string, unknown> | null;
  created_at: Timestamp;
}

export interface DB {
  organizations: OrganizationTable;
  api_keys: ApiKeyTable;
  endpoints: EndpointTable;
  feeds: FeedTable;
  events: EventTable;
  deliveries: DeliveryTable;
  attempts: AttemptTable;
  replays: ReplayTable;
  event_intents: EventIntentTable;
  dead_letters: DeadLetterTable;
  operational_events: OperationalEventTable;
  audit_log: AuditLogTable;
}
