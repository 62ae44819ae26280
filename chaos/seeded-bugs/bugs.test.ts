import { expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { scenarios } from "../src/scenarios.ts";
import { bugs } from "./bugs.mjs";

const textOf = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

// A run of all of them takes half an hour; that one no longer fits should show at once.
it.each(bugs)("the seeded bug $name still fits the code", ({ edits }) => {
  for (const { file, from, to } of edits) {
    expect({ file, from, times: textOf(file).split(from).length - 1 }).toEqual({ file, from, times: 1 });
    expect(to).not.toBe(from);
  }
});

it.each(bugs)("the scenario of the seeded bug $name is there", ({ args }) => {
  expect(scenarios.map(({ name }) => name)).toContain(args[args.indexOf("--only") + 1]);
});
