import { randomBytes } from "node:crypto";

/** A key prefix of the test file's own, so that files share one Redis without meeting. */
export function createTestPrefix(): string {
  return `test-${randomBytes(6).toString("hex")}`;
}
