/** The names that `S1,s7` stands for. */
export function chooseScenarios(all: readonly string[], wanted: string | undefined): string[] {
  if (wanted === undefined) return [...all];
  return wanted.split(",").flatMap((text) => {
    const name = text.trim().toUpperCase();
    const found = all.filter(
      (known) => known.toUpperCase() === name || known.toUpperCase().startsWith(`${name}-`),
    );
    if (found.length === 0) throw new Error(`There is no scenario ${text}; there are ${all.join(", ")}.`);
    return found;
  });
}
