/** The names that `S1,s7` stands for; without any, those of the speed targets, S1 to S10. */
export function chooseScenarios(all: readonly string[], wanted: string | undefined): string[] {
  if (wanted === undefined) return all.filter((name) => name.startsWith("S"));
  return wanted.split(",").flatMap((text) => {
    const name = text.trim().toUpperCase();
    const found = all.filter(
      (known) => known.toUpperCase() === name || known.toUpperCase().startsWith(`${name}-`),
    );
    if (found.length === 0) throw new Error(`There is no scenario ${text}; there are ${all.join(", ")}.`);
    return found;
  });
}
