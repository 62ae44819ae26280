export interface SharedTimer {
  /** Calls `fire` once, `ms` from now or up to one step of the grid later; returns what cancels it. */
  after(ms: number, fire: () => void): () => void;
}

/** One timer for thousands that wait: they are gathered by the step of a grid in which they are due. */
export function createSharedTimer(gridMs = 50): SharedTimer {
  const due = new Map<number, Set<() => void>>();
  let armedFor = Infinity;
  let timer: NodeJS.Timeout | undefined;

  function arm() {
    const next = Math.min(...due.keys());
    if (next === armedFor) return;
    clearTimeout(timer);
    armedFor = next;
    if (next === Infinity) return;
    timer = setTimeout(fireDue, Math.max(0, next * gridMs - performance.now()));
  }

  function fireDue() {
    armedFor = Infinity;
    const now = performance.now();
    for (const [step, fires] of due) {
      if (step * gridMs > now) continue;
      due.delete(step);
      for (const fire of fires) fire();
    }
    arm();
  }

  return {
    after(ms, fire) {
      const step = Math.ceil((performance.now() + ms) / gridMs);
      const fires = due.get(step) ?? new Set();
      due.set(step, fires.add(fire));
      if (step < armedFor) arm();
      return () => {
        fires.delete(fire);
        if (fires.size > 0 || due.get(step) !== fires) return;
        due.delete(step);
        if (due.size === 0) arm();
      };
    },
  };
}
