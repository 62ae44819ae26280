/** Reads at most once in `maxAgeMs`, for however many ask; a failed read is not kept. */
export function createCachedRead<T>(read: () => Promise<T>, maxAgeMs: number): () => Promise<T> {
  let current: Promise<T> | undefined;
  let readAt = -Infinity;
  return () => {
    if (current === undefined || performance.now() - readAt >= maxAgeMs) {
      const reading = read();
      current = reading;
      readAt = performance.now();
      reading.catch(() => {
        if (current === reading) current = undefined;
      });
    }
    return current;
  };
}
