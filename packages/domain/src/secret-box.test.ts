import { randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { createSecretBox, parseSecretKeys } from "./secret-box.ts";

const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const box = createSecretBox([newKey]);

describe("createSecretBox", () => {
  it.each(["", "whsec_abc", "schlüssel \u{1f511}"])("opens what it sealed: %j", (plain) => {
    expect(box.open(box.seal(plain, "endpoint 1"), "endpoint 1")).toBe(plain);
  });

  it("seals the same text differently each time and never shows it", () => {
    const sealed = box.seal("whsec_abc", "c");
    expect(sealed.equals(box.seal("whsec_abc", "c"))).toBe(false);
    expect(sealed.includes("whsec_abc")).toBe(false);
  });

  it("stores version, key id, nonce, tag and ciphertext in 33 bytes more than the text", () => {
    const sealed = box.seal("12345", "c");
    expect(sealed).toHaveLength(38);
    expect(sealed[0]).toBe(1);
    expect(sealed.subarray(1, 5).equals(box.seal("other", "d").subarray(1, 5))).toBe(true);
  });

  it("seals with the first key and opens with all of them", () => {
    const both = createSecretBox([newKey, oldKey]);
    expect(both.open(createSecretBox([oldKey]).seal("old", "c"), "c")).toBe("old");
    expect(box.open(both.seal("new", "c"), "c")).toBe("new");
  });

  it("says so when the key is not configured", () => {
    expect(() => createSecretBox([oldKey]).open(box.seal("x", "c"), "c")).toThrow(
      /key that is not configured/,
    );
  });

  it("opens under its own context only", () => {
    expect(() => box.open(box.seal("x", "endpoint 1"), "endpoint 2")).toThrow(/belongs to something else/);
  });

  it("opens nothing that was changed, whichever byte it was", () => {
    const sealed = box.seal("secret", "c");
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => box.open(changed, "c")).toThrow(/^The stored secret /);
    }
    expect(() => box.open(sealed.subarray(0, 32), "c")).toThrow(/unknown format/);
    expect(() => box.open(Buffer.alloc(0), "c")).toThrow(/unknown format/);
  });

  it("refuses to work without a key of 32 bytes", () => {
    expect(() => createSecretBox([])).toThrow(/at least one key/);
    expect(() => createSecretBox([newKey, randomBytes(16)])).toThrow(/32 bytes/);
  });
});

describe("parseSecretKeys", () => {
  it("reads the keys in their order", () => {
    const text = `${newKey.toString("base64")}, ${oldKey.toString("base64")}`;
    expect(parseSecretKeys(text)).toEqual([newKey, oldKey]);
  });

  it.each(["", "hunter2", randomBytes(31).toString("base64"), `${newKey.toString("base64")},`])(
    "refuses %j without repeating it",
    (text) => {
      expect(() => parseSecretKeys(text)).toThrow(/^Secret key \d of \d is not the base64 of 32 bytes$/);
    },
  );
});
