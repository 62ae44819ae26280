import { setTimeout as pause } from "node:timers/promises";
import { NotApplicable } from "./not-applicable.ts";

/** Repeats an expectation until it holds; after `timeoutMs` its own failure counts. */
export async function eventually<T>(expectation: () => Promise<T>, timeoutMs = 30_000): Promise<T> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (error instanceof NotApplicable || performance.now() > endsAt) throw error;
      await pause(50);
    }
  }
}
