import { randomBytes } from "node:crypto";
import type { Random } from "./random.ts";

export interface RawRequest {
  /** Added to those of a good request, or instead of them. */
  headers: Record<string, string>;
  body: Buffer;
}

const bodies: ((random: Random) => string | Buffer)[] = [
  () => "",
  () => "{",
  () => "null",
  () => '"text"',
  () => '[{"type":"a","payload":{}}]',
  () => '{"type":"a","payload":{}}}',
  () => '{"type":"a","type":"b","payload":{}}',
  () => `{"type":"a","payload":${'{"a":'.repeat(100)}1${"}".repeat(100)}}`,
  () => `{"type":"a","payload":${"[".repeat(50_000)}`,
  () => '{"type":"a","payload":{"n":1e999}}',
  () => '{"type":"a","payload":"text"}',
  () => '{"type":5,"payload":{}}',
  () => '{"type":"","payload":{}}',
  () => '{"type":"a\\r\\nx-injected: 1","payload":{}}',
  () => '{"type":"a","payload":{},"dedup_id":{}}',
  () => `{"type":"a","payload":{},"dedup_id":"${"x".repeat(256)}"}`,
  () => '{"type":"a","payload":{},"occurred_at":"yesterday"}',
  () => '{"payload":{}}',
  () =>
    Buffer.concat([
      Buffer.from('{"type":"a","payload":{"a":"'),
      Buffer.from([0xc3, 0x28, 0xff]),
      Buffer.from('"}}'),
    ]),
  () => `{"type":"a","payload":{"a":"${"x".repeat(300_000)}"}}`,
  (random) => randomBytes(Math.floor(random.between(1, 2_000))),
];

/** Nothing that may be accepted, whatever it is. */
export function malformedRequest(random: Random): RawRequest {
  const body = Buffer.from(random.pick(bodies)(random));
  const good = Buffer.from('{"type":"a","payload":{}}');
  const kind = random.between(0, 10);
  if (kind < 1) return { headers: { "x-api-key": randomBytes(24).toString("base64url") }, body: good };
  if (kind < 2)
    return { headers: { "x-api-key": `trg_live_${randomBytes(16).toString("hex")}_x` }, body: good };
  if (kind < 3) return { headers: { "content-type": "text/plain" }, body: good };
  if (kind < 4) return { headers: { "content-encoding": "gzip" }, body: good };
  return { headers: {}, body };
}
