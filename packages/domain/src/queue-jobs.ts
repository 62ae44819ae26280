import { isUuid } from "./ids.ts";

/** The logical queues: what was accepted, first attempts, later attempts, many deliveries again. */
export const queueNames = {
  events: "events",
  deliveries: "deliveries",
  retries: "retries",
  replays: "replays",
} as const;

export type QueueName = keyof typeof queueNames;

/**
 * An accepted event on its way to Postgres; the job's id is the event's. Names are short, because Redis keeps them with
 * every job. A member may be added to version 1 when workers that do not know it may ignore it; else `v` is raised.
 */
export interface EventJob {
  v: 1;
  /** The organization's id. */
  org: string;
  type: string;
  /** JSON text, byte for byte as it was sent. */
  payload: string;
  /** The client's dedup id. */
  dedup?: string;
  /** The subscriber. */
  sub?: string;
  meta?: Record<string, string>;
  /** Of a CloudEvent: JSON text of the attributes that have no member here, and how its data was encoded. */
  ce?: string;
  /** When it happened at the sender (`occurred_at`), in milliseconds since 1970. */
  at?: number;
  /** The id of the request that brought it, for the logs. */
  req?: string;
  /** An operational event: it tells endpoints of something, and waits in nobody's inbox. */
  own?: true;
}

/** What stays in the queue of an event that was erased there; the worker drops even what it holds already. */
export function erasedEventJob({ v, org, type, dedup, sub, req }: EventJob): EventJob {
  return {
    ...{ v, org, type, payload: "null" },
    ...(dedup === undefined ? {} : { dedup }),
    ...(sub === undefined ? {} : { sub }),
    ...(req === undefined ? {} : { req }),
  };
}

/** One step of one delivery. It carries ids only: the worker reads and claims the rest in Postgres. */
export interface DeliveryJob {
  v: 1;
  /** The event's id. */
  e: string;
  /** The endpoint's id. */
  p: string;
  /** The schedule step, from 0. */
  s: number;
  /** Of an attempt that was asked for beside the schedule: the number that it will have. */
  m?: number;
}

/** A replay that somebody has to work on. */
export interface ReplayJob {
  v: 1;
  /** The replay's id. */
  r: string;
}

/** A worker leaves a job of a newer version alone; a malformed one becomes a dead letter. */
export type Decoded<Job> = { ok: true; job: Job } | { ok: false; reason: "newer_version" | "malformed" };

export function decodeEventJob(data: unknown): Decoded<EventJob> {
  return decode<EventJob>(data, (job) => {
    const { org, type, payload, dedup, sub, meta, ce, at, req } = job;
    return (
      [org, type, payload].every(isString) &&
      [dedup, sub, ce, req].every((text) => text === undefined || isString(text)) &&
      (meta === undefined || (isObject(meta) && Object.values(meta).every(isString))) &&
      (at === undefined || Number.isFinite(at))
    );
  });
}

export function decodeDeliveryJob(data: unknown): Decoded<DeliveryJob> {
  return decode<DeliveryJob>(data, ({ e, p, s, m }) => {
    return isId(e) && isId(p) && isCount(s) && (m === undefined || isCount(m));
  });
}

export function decodeReplayJob(data: unknown): Decoded<ReplayJob> {
  return decode<ReplayJob>(data, ({ r }) => isId(r));
}

/** One job per step of a delivery: adding it twice adds nothing. Without a colon, which BullMQ refuses in job ids. */
export function deliveryJobId(deliveryId: string, step: number): string {
  return `${deliveryId}-s${step}`;
}

/** The same for an attempt that was asked for, by the number that it will have. */
export function requestedJobId(deliveryId: string, number: number): string {
  return `${deliveryId}-m${number}`;
}

function decode<Job>(data: unknown, fits: (job: Record<string, unknown>) => boolean): Decoded<Job> {
  if (!isObject(data)) return { ok: false, reason: "malformed" };
  const { v } = data;
  if (Number.isInteger(v) && Number(v) > 1) return { ok: false, reason: "newer_version" };
  if (v !== 1 || !fits(data)) return { ok: false, reason: "malformed" };
  return { ok: true, job: data as Job };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): boolean {
  return isString(value) && isUuid(value);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
