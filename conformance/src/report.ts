import type { CheckResult } from "./run-sections.ts";

export function lineOf({ name, result, expected, got, reason }: CheckResult): string {
  switch (result) {
    case "ok":
      return `  ok              ${name}`;
    case "failed":
      return `  FAILED          ${name}\n                  expected ${expected ?? ""}\n                  got      ${got ?? ""}`;
    case "not_applicable":
      return `  not applicable  ${name} (${reason ?? ""})`;
  }
}

/** One line per section, and one for all. */
export function summaryOf(results: readonly CheckResult[]): string {
  const names = [...new Set(results.map(({ section }) => section))];
  const lines = names.map((name) =>
    countLine(
      name,
      results.filter(({ section }) => section === name),
    ),
  );
  return [...lines, countLine("all", results)].join("\n");
}

function countLine(name: string, results: readonly CheckResult[]): string {
  const count = (wanted: CheckResult["result"]) => results.filter(({ result }) => result === wanted).length;
  const figures = `${count("ok")} ok, ${count("failed")} failed, ${count("not_applicable")} not applicable`;
  return `${name.padEnd(26)}${figures}`;
}
