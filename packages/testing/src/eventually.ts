import { setTimeout as pause } from "node:timers/promises";

/** Repeats an expectation until it holds; after `timeoutMs` its own failure is the test's. */
export async function eventually<T>(expectation: () => Promise<T> | T, timeoutMs = 15_000): Promise<T> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await pause(25);
    }
  }
}
