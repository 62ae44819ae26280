export interface FairShares {
  /** Counts an event; says whether its organization is above its share. */
  isAboveShare(organizationId: string): boolean;
}

const slots = 10;

/**
 * What each organization sent through this process in the last 10 s. A fair share is what each would have if all of
 * them, and one more that is yet to come, had the same: so an organization that is alone and floods is above it too,
 * and whoever comes next overtakes. Few events are never too many.
 */
export function createFairShares({
  now = () => performance.now(),
  windowMs = 10_000,
  alwaysFair = 100,
}: { now?: () => number; windowMs?: number; alwaysFair?: number } = {}): FairShares {
  const slotMs = windowMs / slots;
  const bySlot = Array.from({ length: slots }, () => new Map<string, number>());
  const sums = new Map<string, number>();
  let total = 0;
  let current = Math.floor(now() / slotMs);

  function forget(slot: Map<string, number>) {
    for (const [organizationId, count] of slot) {
      const left = (sums.get(organizationId) ?? 0) - count;
      if (left > 0) sums.set(organizationId, left);
      else sums.delete(organizationId);
      total -= count;
    }
    slot.clear();
  }

  return {
    isAboveShare(organizationId) {
      const slotNumber = Math.floor(now() / slotMs);
      for (current = Math.max(current, slotNumber - slots); current < slotNumber; current += 1) {
        const oldest = bySlot[(current + 1) % slots];
        if (oldest) forget(oldest);
      }
      const slot = bySlot[slotNumber % slots];
      slot?.set(organizationId, (slot.get(organizationId) ?? 0) + 1);
      const sum = (sums.get(organizationId) ?? 0) + 1;
      sums.set(organizationId, sum);
      total += 1;
      return sum > alwaysFair && sum > total / (sums.size + 1);
    },
  };
}
