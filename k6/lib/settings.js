/** Events per minute of each tier; the embedded stack raises them, another server may too. */
const eventsPerMinute = { free: 100, pro: 1_000, business: 10_000, enterprise: 100_000 };

const tier = __ENV.TIER || "enterprise";
if (!(tier in eventsPerMinute))
  throw new Error(`TIER must be one of ${Object.keys(eventsPerMinute).join(", ")}`);

/** What every script is told by its environment; k6/README.md lists it. */
export const settings = {
  baseUrl: (__ENV.BASE_URL || "http://localhost:3000").replace(/\/$/, ""),
  apiKey: __ENV.API_KEY,
  tier,
  /** 80 % of what the tier allows, in events per second. */
  fittingRate: (0.8 * eventsPerMinute[tier]) / 60,
  summaryFile: __ENV.SUMMARY,
};

/** A number above 0 from the environment, or the default. */
export function numberFrom(name, fallback) {
  const value = __ENV[name] === undefined || __ENV[name] === "" ? fallback : Number(__ENV[name]);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0`);
  return value;
}

/** A duration such as `30s` or `5m` from the environment, or the default; in seconds. */
export function secondsFrom(name, fallback) {
  const text = __ENV[name] || fallback;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) || [];
  if (amount === undefined) throw new Error(`${name} must be a duration such as 30s, 5m or 1h`);
  return Number(amount) * { s: 1, m: 60, h: 3_600 }[unit];
}
