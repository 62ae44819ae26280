import type { OrganizationRow } from "@triggers/db";
import type { Tier } from "@triggers/domain";

/** An organization as the operator sees it. */
export function organizationView(row: OrganizationRow, rateLimitOfTier: Record<Tier, number>) {
  return {
    organization_id: row.id,
    organization_name: row.name,
    tier: row.tier,
    rate_limit_per_minute: row.rate_limit_per_minute ?? rateLimitOfTier[row.tier],
    rate_limit_override: row.rate_limit_per_minute,
    suspended: row.suspended_at !== null,
    suspended_at: row.suspended_at,
    erasing_since: row.erasing_since,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
