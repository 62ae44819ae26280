import { type Scope, scopes, type Tier, tiers } from "@triggers/domain";
import Joi from "joi";
import { old } from "../http/answer-schema.ts";
import { futureTime } from "../http/future-time.ts";
import { storableText } from "../http/storable-text.ts";

export interface GenerateKeyBody {
  organization_name?: string;
  org_name?: string;
  tier: Tier;
}

/** `org_name` is the name that older clients send. */
export const generateKeySchema = Joi.object<GenerateKeyBody>({
  organization_name: storableText(255).example("Acme"),
  org_name: storableText(255).meta(old).description("The old name of `organization_name`."),
  tier: Joi.string()
    .valid(...tiers)
    .default("free")
    .description("How many events per minute the organization may send."),
}).xor("organization_name", "org_name");

export interface CreateKeyBody {
  name?: string;
  scopes: Scope[];
  expires_at?: Date;
}

export const createKeySchema = Joi.object<CreateKeyBody>({
  name: storableText(255),
  scopes: Joi.array()
    .items(Joi.string().valid(...scopes))
    .min(1)
    .unique()
    .default(["admin"]),
  expires_at: futureTime(),
});

export interface RotateKeyBody {
  overlap_seconds: number;
}

export const rotateKeySchema = Joi.object<RotateKeyBody>({
  overlap_seconds: Joi.number()
    .strict()
    .integer()
    .min(0)
    .max(604_800)
    .default(0)
    .description("For how long the key that asks goes on working."),
});
