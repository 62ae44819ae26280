import { tiers } from "@triggers/domain";
import Joi from "joi";
import { pageAnswerKeys } from "../http/list-page.ts";

const id = Joi.string().uuid().required();
const time = Joi.date().iso().required();

export const organizationAnswer = Joi.object({
  organization_id: id,
  organization_name: Joi.string().required(),
  tier: Joi.string()
    .valid(...tiers)
    .required(),
  rate_limit_per_minute: Joi.number().integer().required().description("What holds now."),
  rate_limit_override: Joi.number()
    .integer()
    .allow(null)
    .required()
    .description("Null: the tier's limit holds."),
  suspended: Joi.boolean().required(),
  suspended_at: time.allow(null),
  erasing_since: time.allow(null).description("Its erasure has begun and goes on."),
  created_at: time,
  updated_at: time,
});

export const organizationListAnswer = Joi.object({
  organizations: Joi.array().items(organizationAnswer).required(),
  ...pageAnswerKeys,
});

export const erasingAnswer = Joi.object({
  organization_id: id,
  status: Joi.string().valid("erasing").required(),
  message: Joi.string().required(),
});

export const deadLetterListAnswer = Joi.object({
  dead_letters: Joi.array()
    .items(
      Joi.object({
        event_id: id,
        organization_id: id.allow(null),
        reason: Joi.string().allow("").required(),
        error_code: Joi.string()
          .allow(null)
          .required()
          .description("Postgres' SQLSTATE, where it refused the event."),
        job_bytes: Joi.number().integer().required(),
        created_at: time,
        retried_at: time.allow(null),
      }),
    )
    .required(),
  ...pageAnswerKeys,
});

export const retriedAnswer = Joi.object({
  event_id: id,
  status: Joi.string().valid("retried").required(),
  retried_at: time,
});

export const auditLogAnswer = Joi.object({
  audit_log: Joi.array()
    .items(
      Joi.object({
        id,
        organization_id: id.allow(null),
        actor: Joi.string().required().description("`operator`, `signup`, or the id of a key."),
        action: Joi.string().required(),
        target: Joi.string().allow(null).required(),
        detail: Joi.object().unknown().allow(null).required(),
        created_at: time,
      }),
    )
    .required(),
  ...pageAnswerKeys,
});
