/** Each variant in turn, `runs` times, so that a change of the machine's mood meets them all. */
export async function takeTurns<Name extends string, Run>(
  scenario: string,
  runs: number,
  names: readonly Name[],
  measure: (name: Name) => Promise<Run>,
  describe: (run: Run) => string,
): Promise<Record<Name, Run[]>> {
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Run[]>;
  for (let turn = 1; turn <= runs; turn++) {
    for (const name of names) {
      const run = await measure(name);
      results[name].push(run);
      console.error(`${scenario} turn ${turn}: ${name}: ${describe(run)}`);
    }
  }
  return results;
}
