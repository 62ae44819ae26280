import { expect, it } from "@jest/globals";
import { untilReady } from "./until-ready.ts";

const nobody = () => [];

it("goes on as soon as nothing is missing", async () => {
  let asked = 0;
  await untilReady({ down: () => (++asked < 3 ? ["redis"] : []), blockers: nobody });
  expect(asked).toBe(3);
});

it("goes on in the end although a dependency is away", async () => {
  const startedAt = performance.now();
  await untilReady({ down: () => ["postgres"], blockers: nobody });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_000);
});
