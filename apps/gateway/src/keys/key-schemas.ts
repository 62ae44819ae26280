import { type Scope, scopes, type Tier, tiers } from "@triggers/domain";
import Joi from "joi";
import { futureTime } from "../http/future-time.ts";
import { storableText } from "../http/storable-text.ts";

export interface GenerateKeyBody {
  organization_name?: string;
  org_name?: string;
  tier: Tier;
}

/** `org_name` is the name that older clients send. */
export const generateKeySchema = Joi.object<GenerateKeyBody>({
  organization_name: storableText(255),
  org_name: storableText(255),
  tier: Joi.string()
    .valid(...tiers)
    .default("free"),
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
  overlap_seconds: Joi.number().strict().integer().min(0).max(604_800).default(0),
});
