import { randomBytes, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const keyFormat = /^trg_live_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** `keyId` is public and looked up; `secret` (49 characters, below bcrypt's 72 bytes) is only ever stored as a hash. */
export interface ApiKeyParts {
  keyId: string;
  secret: string;
}

/**
 * A new key `trg_live_<key id>_<secret>`. The key id is 16 random base62 characters. The secret is 256 random bits as
 * 43 base62 characters and then 6 of a CRC-32, which lets garbage end before the database.
 */
export function createApiKey(keyId = createKeyId()): ApiKeyParts & { apiKey: string } {
  const random = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), 43);
  const secret = random + checksum(keyId, random);
  return { apiKey: `trg_live_${keyId}_${secret}`, keyId, secret };
}

function createKeyId(): string {
  return Array.from({ length: 16 }, () => alphabet.charAt(randomInt(62))).join("");
}

/** The parts of a well-formed key whose checksum fits; undefined for anything else. Says nothing about its validity. */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  const [, keyId, random, sum] = keyFormat.exec(text) ?? [];
  if (keyId === undefined || random === undefined || sum === undefined) return undefined;
  return sum === checksum(keyId, random) ? { keyId, secret: random + sum } : undefined;
}

function checksum(keyId: string, random: string): string {
  return base62(BigInt(crc32(`${keyId}_${random}`)), 6);
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = alphabet.charAt(Number(rest % 62n)) + text;
  return text;
}
