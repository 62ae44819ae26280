import { hash, randomFillSync } from "node:crypto";

// Random bytes are drawn in blocks: one system call per id would be half of its cost on the hot path.
const pool = Buffer.alloc(4096);
const scratch = Buffer.alloc(16);
let drawn = pool.length;

/**
 * A UUIDv7 (RFC 9562 §5.7) of the given millisecond since 1970; fractions are cut off.
 * A `fingerprint` (unsigned 32 bits) stands in the low 32 bits, so that whoever meets the id can compare it.
 * Throws a RangeError when either number does not fit.
 */
export function createEventId(nowMs: number, fingerprint?: number): string {
  if (drawn + 10 > pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  writeTime(scratch, nowMs);
  pool.copy(scratch, 6, drawn, drawn + 10);
  drawn += 10;
  if (fingerprint !== undefined) scratch.writeUInt32BE(fingerprint, 12);
  return formatUuid(scratch, 7);
}

/** A random UUIDv7 of this moment, for rows that no event id names: organizations, endpoints, leases. */
export function createId(): string {
  return createEventId(Date.now());
}

/** The low 32 bits of a UUID, unsigned. */
export function fingerprintOf(id: string): number {
  return Number.parseInt(id.slice(-8), 16);
}

/** The time of a UUIDv7 (or of a delivery id) in milliseconds since 1970. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * The smallest UUID with these 48 time bits. Version and variant are zero, because this is a bound
 * for partitions and ranges, never the id of anything.
 */
export function lowestIdAt(ms: number): string {
  const bytes = Buffer.alloc(16);
  writeTime(bytes, ms);
  return hyphenate(bytes.toString("hex"));
}

/** The first and the last UUID with the time bits of this one. */
export function idsOfSameTime(id: string): [string, string] {
  const time = id.slice(0, 13);
  return [`${time}-0000-0000-000000000000`, `${time}-ffff-ffff-ffffffffffff`];
}

/** Canonical text (8-4-4-4-12 hexadecimal digits) of any version, in either case. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/**
 * The one id of the delivery of an event to an endpoint: a UUIDv7 (RFC 9562 §5.7) with the event's time bits, so that
 * it sorts into the event's partition, and a SHA-256 of both ids, so that a repeated run names the same delivery.
 */
export function deliveryIdOf(eventId: string, endpointId: string): string {
  const event = eventId.toLowerCase();
  const bytes = hash("sha256", `${event}/${endpointId.toLowerCase()}`, "buffer").subarray(0, 16);
  bytes.write(event.slice(0, 8) + event.slice(9, 13), 0, "hex");
  return formatUuid(bytes, 7);
}

function writeTime(bytes: Buffer, ms: number): void {
  // Buffers check the range, but would write NaN as the year 1970.
  if (Number.isNaN(ms)) throw new RangeError("The time of an id is not a number");
  bytes.writeUIntBE(Math.floor(ms), 0, 6);
}

/** Sets version and variant (RFC 9562 §4) in place and writes the text form. */
function formatUuid(bytes: Buffer, version: number): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return hyphenate(bytes.toString("hex"));
}

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
