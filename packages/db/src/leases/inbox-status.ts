import type { InboxStatus } from "@triggers/domain";
import { sql } from "kysely";

/** Its last lease ran out and nobody acknowledged it. Nothing has to be written for that, so it is true at once. */
export const isExhausted = sql<boolean>`(
  inbox_status = 'leased' AND available_at IS NULL AND leased_until <= now())`;

/** In the words of the partial index. */
export const isQuarantined = sql<boolean>`(
  (inbox_status = 'quarantined' OR (inbox_status = 'leased' AND available_at IS NULL))
  AND (inbox_status = 'quarantined' OR leased_until <= now()))`;

/** The state by Postgres' clock. Selected behind all columns it takes the stored one's place in the row. */
export const currentInboxStatus = sql<InboxStatus>`CASE
  WHEN inbox_status <> 'leased' OR coalesce(available_at, leased_until) > now() THEN inbox_status
  WHEN available_at IS NULL THEN 'quarantined' ELSE 'available' END`.as("inbox_status");
