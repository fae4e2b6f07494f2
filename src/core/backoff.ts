/** The wait before attempt 2 has this bound; it doubles for each further one. */
export const BACKOFF_BASE_MS = 50;
export const BACKOFF_CAP_MS = 5_000;

/**
 * Exponential backoff with full jitter: a time drawn evenly from 0 to the bound, so that clients that failed together
 * do not come back together.
 *
 * @param attempts how often it was tried so far, from 1
 * @param random   from [0, 1)
 */
export function backoffMs(attempts: number, random: number): number {
  return random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempts - 1));
}
