/** Milliseconds of the machine's monotonic clock: the same one in every process of this machine. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
