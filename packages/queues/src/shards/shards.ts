/**
 * The key prefixes of the shards of all queues. BullMQ's keys begin with `{<prefix>}`, so each shard is one hash slot. One
 * shard has the fleet's own prefix; the dot of the others cannot be in a setting, so no fleet can have another's.
 */
export function shardPrefixes(prefix: string, count: number): string[] {
  // The last byte moves a slot by quarters of the slots: four shards never share one, whatever the prefix is.
  return count === 1 ? [prefix] : Array.from({ length: count }, (_, index) => `${prefix}.${index}`);
}

/**
 * Which shard is an owner's: an organization's for its events, an endpoint's for all that is delivered to it. Data in
 * Redis depends on it, so it must never change. FNV-1a over the UTF-16 units of the id.
 */
export function shardOf(ownerId: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < ownerId.length; index += 1)
    hash = Math.imul(hash ^ ownerId.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % count;
}

/** That one of the parts, one for each shard, which is the owner's. */
export function partOf<Part>(parts: readonly Part[], ownerId: string): Part {
  const part = parts[shardOf(ownerId, parts.length)];
  if (part === undefined) throw new Error("there is no shard");
  return part;
}

/** The items of each part, and where they came from, for parts that have any. */
export function groupByPart<Part, Item>(
  parts: readonly Part[],
  items: readonly Item[],
  ownerOf: (item: Item) => string,
): { part: Part; items: Item[]; indexes: number[] }[] {
  const groups = parts.map((part) => ({ part, items: [] as Item[], indexes: [] as number[] }));
  items.forEach((item, index) => {
    const group = partOf(groups, ownerOf(item));
    group.items.push(item);
    group.indexes.push(index);
  });
  return groups.filter(({ indexes }) => indexes.length > 0);
}
