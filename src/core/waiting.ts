/** A target that does not respond for this long is reported to the user. */
export const SILENCE_REPORTED_MS = 2_000;

/** Waits for `work`. Calls `report` if that takes longer than SILENCE_REPORTED_MS. */
export async function reportingWait<T>(work: Promise<T>, report: () => void): Promise<T> {
  const timer = setTimeout(report, SILENCE_REPORTED_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
