import { type RawBuilder, sql } from "kysely";

/** What the owner of an endpoint sets. Null takes the default, or sets nothing. */
export interface EndpointSettings {
  url: string;
  name: string | null;
  description: string | null;
  subscriber: string | null;
  metadata: Record<string, string> | null;
  eventTypes: string[] | null;
  /** Sealed under the endpoint's id. */
  sealedHeaders: Buffer | null;
  timeoutMs: number | null;
  rateLimitPerSecond: number | null;
  maxInFlight: number | null;
  retrySchedule: number[] | null;
  format: "standard" | "cloudevents" | null;
}

/** The columns of those settings that are given; the others stay out. */
export function columnsOf(settings: Partial<EndpointSettings>) {
  const columns = {
    url: settings.url,
    name: settings.name,
    description: settings.description,
    subscriber: settings.subscriber,
    metadata: settings.metadata,
    event_types: settings.eventTypes,
    sealed_headers: settings.sealedHeaders,
    timeout_ms: orDefault(settings.timeoutMs),
    rate_limit_per_second: settings.rateLimitPerSecond,
    max_in_flight: orDefault(settings.maxInFlight),
    retry_schedule: settings.retrySchedule,
    format: orDefault(settings.format),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)) as Defined<
    typeof columns
  >;
}

type Defined<Columns> = { [Name in keyof Columns]?: Exclude<Columns[Name], undefined> };

function orDefault<Value>(value: Value | null | undefined): Value | RawBuilder<Value> | undefined {
  return value === null ? sql<Value>`DEFAULT` : value;
}
