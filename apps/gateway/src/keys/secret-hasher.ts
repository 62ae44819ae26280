import bcrypt from "bcrypt";

export interface SecretHasher {
  hash(secret: string): Promise<string>;
  compare(secret: string, hash: string): Promise<boolean>;
}

/** The secrets are 256 random bits, so the cost guards against nothing but a wish to be slow; 10 is bcrypt's default. */
export function createSecretHasher(cost: number): SecretHasher {
  return {
    hash: (secret) => bcrypt.hash(secret, cost),
    compare: (secret, hash) => bcrypt.compare(secret, hash),
  };
}
