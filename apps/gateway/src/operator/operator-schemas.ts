import { type Tier, tiers } from "@triggers/domain";
import Joi from "joi";
import { futureTime } from "../http/future-time.ts";
import { storableText } from "../http/storable-text.ts";
import { uuidText } from "../http/uuid-text.ts";
import { type ListQuery, listQueryKeys } from "../http/list-page.ts";

const tier = Joi.string().valid(...tiers);

export interface OrganizationListQuery extends ListQuery {
  name?: string;
  tier?: Tier;
}

export const organizationListSchema = Joi.object<OrganizationListQuery>({
  name: storableText(255).description("Anywhere in the name, in either case."),
  tier,
  ...listQueryKeys,
});

export interface ChangeOrganizationBody {
  tier?: Tier;
  rate_limit_per_minute?: number | null;
  suspended?: boolean;
}

export const changeOrganizationSchema = Joi.object<ChangeOrganizationBody>({
  tier,
  rate_limit_per_minute: Joi.number()
    .strict()
    .integer()
    .min(1)
    .max(100_000_000)
    .allow(null)
    .description("Instead of the tier's events per minute; null takes the tier's again."),
  suspended: Joi.boolean().strict().description("All requests with its keys are refused with 403."),
})
  .min(1)
  .messages({ "object.min": "must change something" });

export interface AdminKeyBody {
  name?: string;
  expires_at?: Date;
}

export const adminKeySchema = Joi.object<AdminKeyBody>({
  name: storableText(255),
  expires_at: futureTime(),
});

export interface DeadLetterListQuery extends ListQuery {
  organization_id?: string;
  status: "open" | "retried" | "all";
}

export const deadLetterListSchema = Joi.object<DeadLetterListQuery>({
  organization_id: uuidText,
  status: Joi.string().valid("open", "retried", "all").default("open"),
  ...listQueryKeys,
});

export interface AuditLogQuery extends ListQuery {
  organization_id?: string;
}

export const auditLogSchema = Joi.object<AuditLogQuery>({
  organization_id: uuidText,
  ...listQueryKeys,
});
