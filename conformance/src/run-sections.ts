import type { Check, Section } from "./check.ts";
import { NotApplicable } from "./not-applicable.ts";
import { Mismatch } from "./mismatch.ts";
import type { World } from "./world.ts";

export interface CheckResult {
  section: string;
  name: string;
  result: "ok" | "failed" | "not_applicable";
  duration_ms: number;
  expected?: string;
  got?: string;
  reason?: string;
}

/** Runs every check, one after the other, and tells of each as soon as it is known. */
export async function runSections(
  sections: readonly Section[],
  world: World,
  tell: (result: CheckResult) => void,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const section of sections) {
    for (const check of section.checks) {
      const result = await runCheck(section, check, world);
      results.push(result);
      tell(result);
    }
  }
  return results;
}

async function runCheck(section: Section, check: Check, world: World): Promise<CheckResult> {
  const startedAt = performance.now();
  const resultOf = (result: CheckResult["result"], more: Partial<CheckResult> = {}): CheckResult => ({
    ...{ section: section.name, name: check.name, result },
    duration_ms: Math.round(performance.now() - startedAt),
    ...more,
  });
  try {
    await check.run(world);
    return resultOf("ok");
  } catch (error) {
    if (error instanceof NotApplicable) return resultOf("not_applicable", { reason: error.message });
    if (error instanceof Mismatch) {
      return resultOf("failed", { expected: error.expected, got: error.got });
    }
    return resultOf("failed", { expected: "an answer", got: String(error) });
  }
}
