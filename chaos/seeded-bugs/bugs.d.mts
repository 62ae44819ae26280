export interface SeededBug {
  name: string;
  what: string;
  /** Of the run that must report it. */
  args: string[];
  /** The check that must fail; undefined where no kill can show it. */
  seenBy: string | undefined;
  /** In files named from the root; `from` must be there exactly once. */
  edits: { file: string; from: string; to: string }[];
}

export const bugs: SeededBug[];
