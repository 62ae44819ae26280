import { describe, expect, it } from "@jest/globals";
import { createSigningSecret, isSigningSecret, signatureHeader } from "./signature.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;

describe("signing secrets", () => {
  it("are fresh, and 32 bytes long", () => {
    expect(isSigningSecret(createSigningSecret())).toBe(true);
    expect(Buffer.from(createSigningSecret().slice(6), "base64")).toHaveLength(32);
    expect(createSigningSecret()).not.toBe(createSigningSecret());
  });

  it.each([secret, secretOf(24), secretOf(64)])("accept %s", (text) =>
    expect(isSigningSecret(text)).toBe(true),
  );

  it.each([
    "",
    "whsec_",
    secret.slice(6),
    secretOf(23),
    secretOf(65),
    `${secret}\n`,
    `${secret}!`,
    secretOf(25).replace("=", ""),
    secretOf(32).replaceAll("H", "-"),
  ])("refuse %j", (text) => expect(isSigningSecret(text)).toBe(false));
});

describe("signatureHeader", () => {
  it("agrees with the example of the Standard Webhooks libraries", () => {
    // The vector that the specification's reference libraries test themselves with.
    const body = '{"test": 2432232314}';
    const expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    expect(signatureHeader([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)).toBe(expected);
    expect(signatureHeader([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, Buffer.from(body))).toBe(
      expected,
    );
  });

  it("holds one signature per live secret, in their order", () => {
    const other = createSigningSecret();
    const one = signatureHeader([secret], "id", 1, "x");
    const two = signatureHeader([other], "id", 1, "x");
    expect(signatureHeader([secret, other], "id", 1, "x")).toBe(`${one} ${two}`);
  });

  it("changes with the id, the second and every byte of the body", () => {
    const all = [
      signatureHeader([secret], "id", 1, "x"),
      signatureHeader([secret], "ie", 1, "x"),
      signatureHeader([secret], "id", 2, "x"),
      signatureHeader([secret], "id", 1, "x "),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it("never signs without a real secret, and does not show the false one", () => {
    expect(() => signatureHeader([], "id", 1, "x")).toThrow("at least one");
    expect(() => signatureHeader(["whsec_"], "id", 1, "x")).toThrow(/base64 of 24 to 64 bytes/);
    expect(() => signatureHeader([secret, "hunter2"], "id", 1, "x")).not.toThrow(/hunter2/);
  });
});
