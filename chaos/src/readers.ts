import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "./random.ts";
import type { Client, EventSystem } from "./system.ts";

/** What one reader got. */
export interface ReadLog {
  /** When it first got each, by the event's id. */
  readAt: Map<string, number>;
  /** Ids that came again. */
  repeated: string[];
  /** What the system refused it. */
  failed: string[];
}

function createReadLog(): ReadLog & { note(id: string): void } {
  const log: ReadLog = { readAt: new Map(), repeated: [], failed: [] };
  return {
    ...log,
    note(id) {
      if (log.readAt.has(id)) log.repeated.push(id);
      else log.readAt.set(id, performance.now());
    },
  };
}

/** Reads on from its cursor until it is told that all is there, and then to the end once more. */
export async function followList(system: EventSystem, client: Client, isOver: AbortSignal): Promise<ReadLog> {
  const log = createReadLog();
  let cursor: string | undefined;
  for (;;) {
    const wasOver = isOver.aborted;
    const page = await system.list(client, cursor);
    cursor = page.cursor;
    for (const { id } of page.events) log.note(id);
    if (wasOver && page.events.length === 0) return log;
    await pause(20);
  }
}

/** Hangs up now and then and goes on behind the last event that it got, as a browser does. */
export async function followStream(
  system: EventSystem,
  client: Client,
  random: Random,
  isOver: AbortSignal,
): Promise<ReadLog> {
  const log = createReadLog();
  let cursor: string | undefined;
  for (;;) {
    const wasOver = isOver.aborted;
    const before = log.readAt.size;
    let isOpen = true;
    const follower = await system.follow(client, cursor, ({ id }, behind) => {
      if (!isOpen) return; // on its way when it hung up: it comes again
      cursor = behind;
      log.note(id);
    });
    await pause(wasOver ? 2_000 : random.between(500, 3_000), undefined, {
      // What is told here is that no more will come, not that all has come.
      ...(wasOver ? {} : { signal: isOver }),
    }).catch(() => undefined);
    isOpen = false;
    follower.close();
    if (wasOver && log.readAt.size === before) return log;
  }
}

/** Takes what nobody holds and acknowledges it, until it is told that all is there and finds nothing more. */
export async function leaseAndAcknowledge(
  system: EventSystem,
  client: Client,
  isOver: AbortSignal,
): Promise<ReadLog> {
  const log = createReadLog();
  for (;;) {
    const wasOver = isOver.aborted;
    const lease = await system.lease(client, 100);
    for (const { id } of lease.events) log.note(id);
    if (lease.events.length > 0) {
      const acknowledged = await system.acknowledge(client, lease);
      if (acknowledged !== lease.events.length)
        log.failed.push(`${acknowledged} of ${lease.events.length} were acknowledged`);
    } else if (wasOver) return log;
    else await pause(50);
  }
}
