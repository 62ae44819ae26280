/** What each organization may have delivered per second before others overtake it. */
const sharePerSecond = 200;
const jobsPerLevel = 100;

/** How far ahead of its share a job puts its organization, in milliseconds. */
export const jobCostMs = 1_000 / sharePerSecond;
/** More is forgotten, so that after a flood an organization is soon its equals' equal. */
export const maxDebtMs = 60_000;

/**
 * The priority of a job whose organization is `debtMs` ahead of its share: none within the first hundred jobs, then the
 * later the further ahead. So a newcomer waits for a hundred jobs of each other organization, not for all of them.
 */
export function priorityOf(debtMs: number): number | undefined {
  return Math.floor(debtMs / (jobsPerLevel * jobCostMs)) || undefined;
}
