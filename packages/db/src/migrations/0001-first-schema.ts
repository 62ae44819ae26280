import { type Kysely, sql } from "kysely";

/**
 * Events, deliveries and attempts are range-partitioned by event id (a UUIDv7, so by day). There are no foreign keys
 * between them and no default partition: the worker makes each day's partitions ahead of time, or on demand. The
 * organization is in every secondary index's first place; the exceptions serve the sweeper, which asks for all.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    tier text NOT NULL CHECK (tier IN ('free', 'pro', 'business', 'enterprise')),
    rate_limit_per_minute integer CHECK (rate_limit_per_minute > 0),
    suspended_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,

  `CREATE TABLE api_keys (
    key_id text PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name text,
    secret_hash text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz
  )`,
  `CREATE INDEX api_keys_of_organization ON api_keys (organization_id)`,

  `CREATE TABLE endpoints (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name text,
    description text,
    url text NOT NULL,
    subscriber text,
    metadata jsonb,
    event_types text[],
    sealed_headers bytea,
    sealed_secret bytea NOT NULL,
    sealed_previous_secret bytea,
    previous_secret_expires_at timestamptz,
    enabled boolean NOT NULL DEFAULT true,
    disabled_reason text,
    disabled_at timestamptz,
    timeout_ms integer NOT NULL DEFAULT 15000,
    rate_limit_per_second integer,
    max_in_flight integer NOT NULL DEFAULT 10,
    retry_schedule integer[],
    format text NOT NULL DEFAULT 'standard' CHECK (format IN ('standard', 'cloudevents')),
    failing_since timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
  )`,
  `CREATE INDEX endpoints_of_organization ON endpoints (organization_id) WHERE deleted_at IS NULL`,
  `CREATE UNIQUE INDEX endpoints_default ON endpoints (organization_id) WHERE name = 'default' AND deleted_at IS NULL`,

  // Each batch rewrites its organizations' rows: room on the page keeps the update in place.
  `CREATE TABLE feeds (
    organization_id uuid PRIMARY KEY,
    last_position bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 50)`,

  // The payload is text: json and jsonb refuse or change what JSON allows (\\u0000, big numbers, repeated keys).
  `CREATE TABLE events (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    position bigint NOT NULL,
    type text NOT NULL,
    payload text,
    dedup_id text,
    subscriber text,
    metadata jsonb,
    occurred_at timestamptz,
    cloudevent text,
    inbox_status text NOT NULL DEFAULT 'available'
      CHECK (inbox_status IN ('available', 'leased', 'acknowledged', 'quarantined')),
    lease_id uuid,
    leased_until timestamptz,
    lease_count smallint NOT NULL DEFAULT 0,
    available_at timestamptz,
    acknowledged_at timestamptz,
    pending_deliveries smallint NOT NULL DEFAULT 0 CHECK (pending_deliveries >= 0),
    retrying_deliveries smallint NOT NULL DEFAULT 0 CHECK (retrying_deliveries >= 0),
    delivered_deliveries smallint NOT NULL DEFAULT 0 CHECK (delivered_deliveries >= 0),
    failed_deliveries smallint NOT NULL DEFAULT 0 CHECK (failed_deliveries >= 0),
    skipped_deliveries smallint NOT NULL DEFAULT 0 CHECK (skipped_deliveries >= 0),
    cancelled_deliveries smallint NOT NULL DEFAULT 0 CHECK (cancelled_deliveries >= 0),
    delivery_status text NOT NULL GENERATED ALWAYS AS (
      CASE
        WHEN failed_deliveries > 0 THEN 'failed'
        WHEN retrying_deliveries > 0 THEN 'retrying'
        WHEN pending_deliveries > 0 THEN 'pending'
        WHEN skipped_deliveries > 0 THEN 'skipped'
        WHEN cancelled_deliveries > 0 THEN 'cancelled'
        WHEN delivered_deliveries > 0 THEN 'delivered'
        ELSE 'none'
      END
    ) STORED,
    attempts integer NOT NULL DEFAULT 0,
    response_status smallint,
    last_error text,
    persisted_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz
  ) PARTITION BY RANGE (id)`,
  `CREATE INDEX events_feed ON events (organization_id, position)`,
  `CREATE INDEX events_undelivered ON events (organization_id, position)
    WHERE inbox_status IN ('available', 'leased') AND delivery_status <> 'delivered'`,

  `CREATE TABLE deliveries (
    event_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    status text NOT NULL
      CHECK (status IN ('pending', 'retrying', 'delivered', 'failed', 'skipped', 'cancelled')),
    schedule_step smallint NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    sweep_at timestamptz NOT NULL DEFAULT now() + interval '1 minute',
    claim_id uuid,
    claimed_until timestamptz,
    response_status smallint,
    error_code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_id, endpoint_id)
  ) PARTITION BY RANGE (event_id)`,
  `CREATE INDEX deliveries_of_organization ON deliveries (organization_id, id)`,
  `CREATE INDEX deliveries_open ON deliveries (organization_id, endpoint_id)
    WHERE status IN ('pending', 'retrying')`,
  `CREATE INDEX deliveries_to_sweep ON deliveries (sweep_at) WHERE status IN ('pending', 'retrying')`,

  `CREATE TABLE attempts (
    event_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    number integer NOT NULL,
    organization_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    trigger text NOT NULL CHECK (trigger IN ('schedule', 'manual', 'replay', 'test')),
    started_at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    response_status smallint,
    error_code text,
    error_detail text,
    response_headers jsonb,
    response_body bytea,
    PRIMARY KEY (event_id, delivery_id, number)
  ) PARTITION BY RANGE (event_id)`,

  `CREATE TABLE replays (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    endpoint_id uuid,
    selection jsonb NOT NULL,
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'cancelled')),
    matched bigint NOT NULL DEFAULT 0,
    enqueued bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    resume_after uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
  )`,
  `CREATE INDEX replays_of_organization ON replays (organization_id, id)`,
  `CREATE UNIQUE INDEX replays_running ON replays (endpoint_id) WHERE status = 'running'`,

  `CREATE TABLE event_intents (
    event_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    acknowledged_at timestamptz,
    erased_at timestamptz
  )`,

  `CREATE TABLE dead_letters (
    event_id uuid PRIMARY KEY,
    organization_id uuid,
    job bytea NOT NULL,
    reason text NOT NULL,
    error_code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    retried_at timestamptz
  )`,
  `CREATE INDEX dead_letters_of_organization ON dead_letters (organization_id, event_id)`,

  `CREATE TABLE audit_log (
    id uuid PRIMARY KEY,
    organization_id uuid,
    actor text NOT NULL,
    action text NOT NULL,
    target text,
    detail jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX audit_log_of_organization ON audit_log (organization_id, id)`,
];
