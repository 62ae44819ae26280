export { ADDRESS_REFUSED } from "./address-refused.ts";
export { type AddressRule, createAddressRule } from "./address-rule.ts";
export { checkWebhookUrl, type UrlRule, type UrlVerdict } from "./check-url.ts";
export { createGuardedAgents, type GuardedAgents, type GuardedAgentsOptions } from "./guarded-agents.ts";
export type { LookupAll } from "./guarded-lookup.ts";
export type { ResolveHost } from "./resolve-host.ts";
