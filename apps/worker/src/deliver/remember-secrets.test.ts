import { expect, test } from "@jest/globals";
import { createSecretBox } from "@triggers/domain";
import { rememberSecrets } from "./remember-secrets.ts";

test("a secret is opened once, another one of the same endpoint by itself, and none under another's name", () => {
  const box = createSecretBox([Buffer.alloc(32, 1)]);
  let opened = 0;
  const counting = rememberSecrets({
    open: (sealed, context) => {
      opened += 1;
      return box.open(sealed, context);
    },
  });
  const [first, second] = [box.seal("one", "a"), box.seal("two", "a")];
  expect([first, second, first, Buffer.from(first)].map((sealed) => counting.open(sealed, "a"))).toEqual([
    "one",
    "two",
    "one",
    "one",
  ]);
  expect(opened).toBe(2);
  expect(() => counting.open(first, "b")).toThrow("belongs to something else");
});
