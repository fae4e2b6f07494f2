/** A silence of the target is reported from here on. */
export const SILENCE_REPORTED_MS = 2_000;

/** The outcome of `work`; calls `report` if that takes so long that a user wonders. */
export async function reportingWait<T>(work: Promise<T>, report: () => void): Promise<T> {
  const timer = setTimeout(report, SILENCE_REPORTED_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
