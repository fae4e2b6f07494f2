/** The longest wait before the second attempt. It doubles for each further attempt. */
export const BACKOFF_BASE_MS = 50;
export const BACKOFF_CAP_MS = 5_000;

/**
 * Exponential backoff with full jitter: a random time from 0 to the longest wait, so that clients that failed together
 * do not all retry together.
 *
 * @param attempts attempts made so far, from 1
 * @param random   from [0, 1)
 */
export function backoffMs(attempts: number, random: number): number {
  return random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempts - 1));
}
