export const tiers = ["free", "pro", "business", "enterprise"] as const;

/** What an organization has subscribed to; decides how much it may publish. */
export type Tier = (typeof tiers)[number];

/** Events per minute and organization; configuration and an organization's own override come before these. */
export const defaultRateLimits: Readonly<Record<Tier, number>> = {
  free: 100,
  pro: 1_000,
  business: 10_000,
  enterprise: 100_000,
};

export function isTier(text: string): text is Tier {
  return (tiers as readonly string[]).includes(text);
}
