import { describe, expect, it } from "@jest/globals";
import { createApiKey, parseApiKey } from "./api-key.ts";

describe("api keys", () => {
  it("have the format trg_live_<16>_<49> and carry their own parts", () => {
    const { apiKey, keyId, secret } = createApiKey();
    expect(apiKey).toMatch(/^trg_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
    expect(apiKey).toBe(`trg_live_${keyId}_${secret}`);
    expect(parseApiKey(apiKey)).toEqual({ keyId, secret });
  });

  it("never repeat a key id or a secret", () => {
    const keys = Array.from({ length: 500 }, createApiKey);
    expect(new Set(keys.map((key) => key.keyId)).size).toBe(500);
    expect(new Set(keys.map((key) => key.secret)).size).toBe(500);
  });

  it("use every base62 character evenly in the key id and the secret's lower places", () => {
    const text = Array.from({ length: 500 }, createApiKey)
      .map((key) => key.keyId + key.secret.slice(1, 43))
      .join("");
    const counts = new Map<string, number>();
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 29 000 characters: 468 of each expected; 6 standard deviations are 130.
    expect(Math.min(...counts.values())).toBeGreaterThan(338);
    expect(Math.max(...counts.values())).toBeLessThan(598);
  });

  it("stay readable: a key that was issued once still parses", () => {
    const issued = "trg_live_ynLLjt3zPf41EIJD_Dq4nKpP8A7pSAdnEe0qIWAk1K5zMHDemoP63NOKHEik0IGrjH";
    expect(parseApiKey(issued)).toEqual({ keyId: issued.slice(9, 25), secret: issued.slice(26) });
  });

  it("end as garbage when any one character of id or secret was changed", () => {
    const { apiKey } = createApiKey();
    for (let at = 9; at < apiKey.length; at++) {
      const other = apiKey.charAt(at) === "a" ? "b" : "a";
      expect(parseApiKey(apiKey.slice(0, at) + other + apiKey.slice(at + 1))).toBeUndefined();
    }
  });

  it.each(["", "trg_live_", "trg_test_0000000000000000_0", "x".repeat(100_000)])(
    "refuse garbage %#",
    (text) => {
      expect(parseApiKey(text)).toBeUndefined();
    },
  );

  it("refuse a key with something before or after it", () => {
    const { apiKey } = createApiKey();
    for (const text of [` ${apiKey}`, `${apiKey}\n`, `${apiKey}0`, apiKey.toLowerCase()]) {
      expect(parseApiKey(text)).toBeUndefined();
    }
  });
});
