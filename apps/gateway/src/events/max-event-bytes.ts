import { DomainError } from "@triggers/domain";

/** 256 KiB, by contract: of a request that brings one event, and of each event of a batch. */
export const maxEventBytes = 262_144;

/** 10 MiB, by contract: of a request that brings many. */
export const maxBatchBytes = 10_485_760;

export function isTooLarge(text: string): boolean {
  // A UTF-16 unit is at most three bytes: hardly any text has to be counted.
  return text.length * 3 > maxEventBytes && Buffer.byteLength(text) > maxEventBytes;
}

export function eventTooLarge(): DomainError {
  return new DomainError("payload_too_large", `The event is larger than ${maxEventBytes} bytes.`, {
    extra: { limit_bytes: maxEventBytes },
  });
}
