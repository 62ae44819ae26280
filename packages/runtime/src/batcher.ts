/** How a batch closes: by number of items, by their bytes, or by the time since the last one closed. */
export interface BatchLimits {
  maxItems: number;
  maxBytes?: number;
  /** Between two batches that are not full. Who comes alone after a pause does not wait; who comes with many shares. */
  spacingMs: number;
  /** Batches in flight at once. While all are taken, further items gather into larger batches. */
  maxConcurrent?: number;
}

export interface BatcherOptions<Item> extends BatchLimits {
  /** Where given, groups take turns in a batch: one with a thousand items does not keep another's only one waiting. */
  groupOf?: (item: Item) => string;
}

export interface Batcher<Item, Result> {
  /** Resolves with the item's own result once its batch is done; rejects with the batch's error. */
  add(item: Item, bytes?: number): Promise<Result>;
}

interface Waiting<Item, Result> {
  item: Item;
  bytes: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** Turns many concurrent single calls into few calls of `flush`, whose results stand in the order of its items. */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item>,
  flush: (items: Item[]) => Promise<Result[]>,
): Batcher<Item, Result> {
  const { maxItems, maxBytes = Infinity, spacingMs, maxConcurrent = 1 } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let waitingBytes = 0;
  let inFlight = 0;
  let lastClosedAt = -Infinity;
  let cancelWait: (() => void) | undefined;
  let isDue = false;

  function flushWhatIsDue() {
    while (waiting.length > 0 && inFlight < maxConcurrent) {
      if (!isDue && waiting.length < maxItems && waitingBytes < maxBytes) break;
      flushOne();
    }
    if (waiting.length > 0 && !isDue) cancelWait ??= waitFor(lastClosedAt + spacingMs - performance.now());
  }

  function waitFor(ms: number): () => void {
    const end = () => {
      cancelWait = undefined;
      isDue = true;
      flushWhatIsDue();
    };
    if (ms > 0) {
      const timer = setTimeout(end, ms);
      return () => clearTimeout(timer);
    }
    // Not at once: what comes in the same turn of the event loop belongs together.
    const immediate = setImmediate(end);
    return () => clearImmediate(immediate);
  }

  function flushOne() {
    const batch = takeBatch();
    isDue = false;
    cancelWait?.();
    cancelWait = undefined;
    lastClosedAt = performance.now();
    inFlight += 1;
    flush(batch.map(({ item }) => item))
      .then(
        (results) => {
          batch.forEach(({ resolve }, index) => {
            resolve(results[index] as Result);
          });
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error);
        },
      )
      .finally(() => {
        inFlight -= 1;
        flushWhatIsDue();
      });
  }

  function takeBatch(): Waiting<Item, Result>[] {
    if (options.groupOf && waiting.length > maxItems) waiting = takeTurns(waiting, options.groupOf);
    let count = 0;
    let bytes = 0;
    for (const { bytes: size } of waiting) {
      if (count > 0 && (count >= maxItems || bytes + size > maxBytes)) break;
      count += 1;
      bytes += size;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingBytes -= bytes;
    return batch;
  }

  return {
    add: (item, bytes = 0) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, bytes, resolve, reject });
        waitingBytes += bytes;
        flushWhatIsDue();
      }),
  };
}

/** One of each group, then the second of each, and so on; within a group the order stays. */
function takeTurns<Item, Result>(
  waiting: readonly Waiting<Item, Result>[],
  groupOf: (item: Item) => string,
): Waiting<Item, Result>[] {
  const groups = [...Map.groupBy(waiting, ({ item }) => groupOf(item)).values()];
  if (groups.length === 1) return [...waiting];
  const ordered: Waiting<Item, Result>[] = [];
  for (let turn = 0; ordered.length < waiting.length; turn += 1) {
    for (const group of groups) {
      const next = group[turn];
      if (next) ordered.push(next);
    }
  }
  return ordered;
}
