/** For limits per rolling 24 hours. */

export const DAY_MS = 24 * 3_600_000;

/** The times (epoch milliseconds) of the last 24 hours. */
export function inLastDay(timesMs: readonly number[], now: number): number[] {
  return timesMs.filter((ms) => now - ms < DAY_MS);
}
