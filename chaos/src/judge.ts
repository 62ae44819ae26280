import type { Ledger } from "./ledger.ts";
import type { Client, EventSystem, StoredEvent } from "./system.ts";

/** The comparison of what was acknowledged with what is there. */
export interface Judgement {
  acknowledged: number;
  persisted: number;
  delivered: number;
  /** Acknowledged numbers that the store, or the receiver, does not have. */
  notPersisted: number[];
  notDelivered: number[];
  /** Accepted events that the system gave up, with their bytes: not stored, and not forgotten. */
  putAside: number;
  /** Receipts beyond the first. */
  duplicates: number;
  /** What must never be, each in a sentence. */
  contradictions: string[];
}

/** Reads the whole store; to be asked once the load is over. */
export async function judge(
  system: EventSystem,
  clients: readonly Client[],
  ledger: Ledger,
  hasReceivers: boolean,
): Promise<Judgement> {
  const stored = (await Promise.all(clients.map((client) => system.stored(client)))).flat();
  const idsOf = new Map<number, string[]>();
  for (const { id, number } of stored) idsOf.set(number, [...(idsOf.get(number) ?? []), id]);
  const acknowledged = [...ledger.entries.values()].filter((entry) => entry.acknowledgedAt !== undefined);

  const isStored = ({ number, id }: { number: number; id?: string }) =>
    idsOf.get(number)?.includes(id ?? "") ?? false;
  const notPersisted = acknowledged.filter((entry) => !isStored(entry)).map(({ number }) => number);
  const notDelivered = hasReceivers
    ? acknowledged.filter(({ number }) => !ledger.receipts.has(number)).map(({ number }) => number)
    : [];
  const receipts = [...ledger.receipts.values()];
  return {
    acknowledged: acknowledged.length,
    persisted: acknowledged.length - notPersisted.length,
    delivered: hasReceivers ? acknowledged.length - notDelivered.length : 0,
    notPersisted,
    notDelivered,
    putAside: await system.putAside(),
    duplicates: receipts.reduce((sum, { count }) => sum + count - 1, 0),
    contradictions: findContradictions(ledger, idsOf, stored),
  };
}

function findContradictions(
  ledger: Ledger,
  idsOf: ReadonlyMap<number, string[]>,
  stored: readonly StoredEvent[],
): string[] {
  const twice = [...idsOf].filter(([, ids]) => ids.length > 1).map(([number]) => number);
  const strange = stored.filter(({ number }) => !ledger.entries.has(number));
  const manyIds = [...ledger.receipts].filter(([, { ids }]) => ids.size > 1).map(([number]) => number);
  const manyBodies = [...ledger.receipts]
    .filter(([, { bodies }]) => bodies.size > 1)
    .map(([number]) => number);
  const otherId = [...ledger.receipts].filter(([number, { ids }]) => {
    const id = ledger.entries.get(number)?.id;
    return id !== undefined && !ids.has(id);
  });
  const say = (items: readonly unknown[], what: string) =>
    items.length > 0 ? [`${items.length} ${what}, such as ${String(items[0])}`] : [];
  return [
    ...say(twice, "numbers are stored as two events"),
    ...say(
      strange.map(({ id }) => id),
      "stored events were never sent",
    ),
    ...say(manyIds, "numbers were delivered under two ids"),
    ...say(manyBodies, "numbers were delivered with other bytes the second time"),
    ...say(
      otherId.map(([number]) => number),
      "numbers were delivered under another id than acknowledged",
    ),
  ];
}
