import bcrypt from "bcrypt";
import { createCheckGate } from "./check-gate.ts";

export interface SecretHasher {
  hash(secret: string): Promise<string>;
  compare(secret: string, hash: string): Promise<boolean>;
}

/**
 * The secrets are 256 random bits, so the cost guards against nothing but a wish to be slow; 10 is bcrypt's default.
 * New keys are hashed one at a time; comparisons are bounded by those who ask for them.
 */
export function createSecretHasher(cost: number): SecretHasher {
  const gate = createCheckGate({ concurrency: 1, maxWaiting: 64, maxWaitMs: 5_000 });
  return {
    hash: (secret) => gate.run(() => bcrypt.hash(secret, cost)),
    compare: (secret, hash) => bcrypt.compare(secret, hash),
  };
}
