import { expect, test } from "@jest/globals";
import { createAddressRule } from "./address-rule.ts";
import { checkWebhookUrl, type UrlRule } from "./check-url.ts";

const PUBLIC = "93.184.216.34";
const resolveTo =
  (...addresses: string[]) =>
  (): Promise<string[]> =>
    Promise.resolve(addresses);
const unknownHost = (): Promise<string[]> => Promise.reject(new Error("ENOTFOUND"));
const base: UrlRule = {
  rule: createAddressRule({ allowedCidrs: [] }),
  httpsOnly: false,
  resolve: resolveTo(PUBLIC),
};

test.each([
  ["a decimal host", "http://2130706433/"],
  ["an octal host", "http://0177.0.0.1/"],
  ["a hexadecimal host", "http://0x7f000001/"],
  ["a mixed short host", "http://0x7f.1/"],
  ["a full-width host", "http://①②⑦.0.0.1/"],
  ["a percent-encoded host", "http://%31%32%37.0.0.1/"],
  ["a trailing dot", "http://127.0.0.1./"],
  ["backslashes", "http:\\\\127.0.0.1\\hook"],
  ["line breaks inside", "http://127.0\n.0.1/"],
  ["loopback", "http://[::1]:8080/"],
  ["a mapped host", "http://[::ffff:169.254.169.254]/latest/meta-data"],
  ["a NAT64 host", "http://[64:ff9b::10.0.0.1]/"],
  ["a 6to4 host", "http://[2002:a00:1::]/"],
  ["everything", "http://0/"],
])("a private literal is refused in disguise: %s", async (_, url) => {
  expect(await checkWebhookUrl(url, { ...base, resolve: unknownHost })).toEqual({
    ok: false,
    detail: "must not lead to a private, local or reserved address",
  });
});

test.each([
  ["another scheme", "ftp://example.com/", "must begin with http:// or https://"],
  ["a file", "file:///etc/passwd", "must begin with http:// or https://"],
  ["user info", "http://user:secret@example.com/", "must not contain a user name or password"],
  ["only a user name", "http://8.8.8.8@127.0.0.1/", "must not contain a user name or password"],
  ["only a password", "http://:secret@example.com/", "must not contain a user name or password"],
  ["a relative URL", "/hook", "must be an absolute URL"],
  ["no host", "http://", "must be an absolute URL"],
  ["a zone id", "http://[fe80::1%25eth0]/", "must be an absolute URL"],
  ["a bad address", "http://256.1.1.1/", "must be an absolute URL"],
  ["too much", `http://example.com/${"a".repeat(2048)}`, "must be at most 2048 characters"],
  [
    "too much once encoded",
    `http://example.com/${"ä".repeat(1000)}`,
    "must be at most 2048 characters once encoded",
  ],
])("%s is refused and the reason is said", async (_, url, detail) => {
  expect(await checkWebhookUrl(url, base)).toEqual({ ok: false, detail });
});

test("plain http is refused where only https is allowed", async () => {
  expect(await checkWebhookUrl("http://example.com/", { ...base, httpsOnly: true })).toMatchObject({
    ok: false,
  });
  expect(await checkWebhookUrl("https://example.com/", { ...base, httpsOnly: true })).toMatchObject({
    ok: true,
  });
});

test("one private address among public ones refuses the name", async () => {
  const resolve = resolveTo(PUBLIC, "10.0.0.1");
  expect(await checkWebhookUrl("https://example.com/", { ...base, resolve })).toMatchObject({ ok: false });
});

test("a name is asked for without its trailing dot", async () => {
  const asked: string[] = [];
  const resolve = (hostname: string): Promise<string[]> => (
    asked.push(hostname),
    Promise.resolve(["127.0.0.1"])
  );
  expect(await checkWebhookUrl("http://localhost./", { ...base, resolve })).toMatchObject({ ok: false });
  expect(asked).toEqual(["localhost"]);
});

test("localhost is refused with the system's own resolver", async () => {
  const { rule } = base;
  expect(await checkWebhookUrl("http://localhost/", { rule, httpsOnly: false })).toMatchObject({ ok: false });
});

test("a name that does not resolve, or not in time, is accepted: the connect decides", async () => {
  const never = (): Promise<string[]> => new Promise(() => undefined);
  const url = "https://not-yet.example/hook";
  expect(await checkWebhookUrl(url, { ...base, resolve: unknownHost })).toEqual({ ok: true, url });
  expect(await checkWebhookUrl(url, { ...base, resolve: never, lookupTimeoutMs: 20 })).toEqual({
    ok: true,
    url,
  });
});

test("an accepted URL comes back in normal form without its fragment", async () => {
  expect(await checkWebhookUrl("HTTPS://Bücher.example:443/a/../b?q=1#part", base)).toEqual({
    ok: true,
    url: "https://xn--bcher-kva.example/b?q=1",
  });
});

test("an allowed network opens its literals and its names", async () => {
  const rule = createAddressRule({ allowedCidrs: ["127.0.0.0/8"] });
  const resolve = resolveTo("127.0.0.1");
  for (const url of ["http://127.0.0.1:9000/hook", "http://receiver.test/hook"]) {
    expect(await checkWebhookUrl(url, { rule, httpsOnly: false, resolve })).toEqual({ ok: true, url });
  }
});
