/** Our processes would see what is wrong with Redis and not be ready: here they are told not to look. */
const unchecked = {
  file: "chaos/src/triggers/start-triggers.ts",
  from: `LOG_LEVEL: "info",`,
  to: `LOG_LEVEL: "info", DURABILITY: "relaxed",`,
};

/**
 * One bug per class of loss. Each edit replaces a text that must be there exactly once, so that a bug that no longer
 * fits the code is an error and not a run without a bug.
 * `seenBy` is the check that must fail; a time that was missed would show nothing. Undefined: killing cannot show it.
 */
export const bugs = [
  {
    name: "ack-before-commit",
    what: "the 202 leaves before Redis has answered",
    args: ["--only", "R3"],
    seenBy: "nothing is lost",
    edits: [
      {
        file: "apps/gateway/src/events/accept-event.ts",
        from: "result = await deadline.race(deps.queue.enqueue(id, job, dedup, priority));",
        to: `deps.queue.enqueue(id, job, dedup, priority).catch(() => undefined);
    result = { outcome: "enqueued" as const };`,
      },
    ],
  },
  {
    name: "job-ends-before-commit",
    what: "an event's job ends when its batch has been given to Postgres, not when it is committed",
    args: ["--only", "R2"],
    seenBy: "nothing is lost",
    edits: [
      {
        file: "apps/worker/src/persist/persist-events.ts",
        from: "else await batcher.add(event, decoded.job.payload.length);",
        to: "else void batcher.add(event, decoded.job.payload.length).catch(() => undefined);",
      },
    ],
  },
  {
    name: "job-removed-early",
    what: "a job whose worker died fails at once and is removed (BullMQ's own defaults are one death away from it)",
    args: ["--only", "R2"],
    seenBy: "nothing is lost",
    edits: [
      {
        file: "packages/queues/src/consumer.ts",
        from: "maxStalledCount: 1_000_000,",
        to: "maxStalledCount: 0,",
      },
      {
        file: "packages/queues/src/consumer.ts",
        from: "...(options.keepsFailed ? {} : { removeOnFail: { count: 0 } }),",
        to: "removeOnFail: { count: 0 },",
      },
    ],
  },
  {
    name: "cursor-by-id",
    what: "the inbox is read in the order of the ids, which is not the order of the commits",
    args: ["--only", "R14"],
    seenBy: "the list reader misses nothing",
    edits: [
      {
        file: "packages/db/src/list-events.ts",
        from: `rows = rows.where(position, query.order === "asc" ? ">" : "<", query.after);`,
        to: `rows = rows.where(
      sql<boolean>\`id > coalesce((SELECT id FROM events last WHERE last.organization_id = \${query.organizationId}
        AND last.position = \${query.after}), '00000000-0000-0000-0000-000000000000')\`);`,
      },
      {
        file: "packages/db/src/list-events.ts",
        from: `return rows.orderBy(position, query.order).limit(limit);`,
        to: `return rows.orderBy("id", query.order).limit(limit);`,
      },
    ],
  },
  {
    name: "add-beside-limiter",
    what: "the event is added although the limiter, asked beside it, refuses",
    args: ["--only", "R8"],
    seenBy: "nothing that was refused came in",
    edits: [
      {
        file: "apps/gateway/src/events/publish-event.ts",
        from: `    if (grant.outcome !== "granted") throw rateLimitError(grant);

    const { submission`,
        to: "    const { submission",
      },
      {
        file: "apps/gateway/src/events/publish-event.ts",
        from: "    const acceptance = await acceptEvent(deps, submission, { key }, deadline);",
        to: `    const acceptance = await acceptEvent(deps, submission, { key }, deadline);
    if (grant.outcome !== "granted") throw rateLimitError(grant);`,
      },
    ],
  },
  {
    name: "append-only-off",
    what: "Redis keeps its data in memory only",
    args: ["--only", "R3"],
    seenBy: "nothing is lost",
    edits: [unchecked, { file: "infra/redis.conf", from: "\nappendonly yes\n", to: "\nappendonly no\n" }],
  },
  {
    name: "append-fsync-no",
    what: "Redis writes, and leaves it to the kernel when that reaches the disk: only a power cut loses it",
    args: ["--only", "R18"],
    seenBy: "every 202 had an fsync before it",
    edits: [
      unchecked,
      { file: "infra/redis.conf", from: "\nappendfsync always\n", to: "\nappendfsync no\n" },
    ],
  },
  {
    name: "append-fsync-no-killed",
    what: "the same, and Redis is only killed",
    args: ["--only", "R3"],
    seenBy: undefined,
    edits: [
      unchecked,
      { file: "infra/redis.conf", from: "\nappendfsync always\n", to: "\nappendfsync no\n" },
    ],
  },
  {
    name: "memory",
    what: "another event system, which keeps its events in the gateway's memory",
    args: ["--only", "R1", "--system", "memory"],
    seenBy: "nothing is lost",
    edits: [],
  },
];
