import type { Arrivals } from "./endpoint.ts";
import type { PipelineName } from "./pipeline.ts";
import type { Stack } from "./stack.ts";

const questions: Record<PipelineName, Record<string, string>> = {
  floor: { persisted: "SELECT count(*) FROM floor_events" },
  product: {
    persisted: "SELECT count(*) FROM events",
    delivered: "SELECT count(*) FROM deliveries WHERE status = 'delivered'",
    "attempts recorded": "SELECT count(*) FROM attempts WHERE response_status = 200",
  },
};

/** Throws when accepted, persisted, delivered and recorded differ, or when the endpoint missed an event. */
export async function verifyDelivered(
  name: PipelineName,
  stack: Stack,
  databaseUrl: string,
  expected: { accepted: number; numbered: number; arrivals: Arrivals },
): Promise<void> {
  const { accepted, numbered, arrivals } = expected;
  const faults: string[] = [];
  for (const [what, question] of Object.entries(questions[name])) {
    const [row] = await stack.query<{ count: string }>(question, databaseUrl);
    if (Number(row?.count) !== accepted) faults.push(`${what} ${row?.count}`);
  }
  const arrived = arrivals.arrivedAt.filter((at) => at !== null).length;
  if (arrived !== numbered) faults.push(`arrived ${arrived} of ${numbered}`);
  if (faults.length > 0) throw new Error(`${name}: accepted ${accepted}, but ${faults.join(", ")}.`);
}
