/** For limits that hold for a rolling 24 hours. */

export const DAY_MS = 24 * 3_600_000;

/** Those of the times, epoch milliseconds, that are not a day old yet. */
export function inLastDay(timesMs: readonly number[], now: number): number[] {
  return timesMs.filter((ms) => now - ms < DAY_MS);
}
