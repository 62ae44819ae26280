const jobsPerSlot = 4;
const leastJobs = 100;

/**
 * How many jobs of one kind an endpoint may have in Redis: enough to keep its slots busy while the next ones come out of
 * Postgres. At 3 ms a request, ten slots would end 40 jobs before that, hence the lower bound.
 */
export function windowSizeOf(maxInFlight: number): number {
  return Math.max(jobsPerSlot * maxInFlight, leastJobs);
}
