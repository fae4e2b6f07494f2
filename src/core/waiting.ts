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

/** Returns a function that does the work. A call while the work is being done gets the promise of the earlier call. */
export function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let doing: Promise<T> | undefined;
  return () => {
    doing ??= work().finally(() => {
      doing = undefined;
    });
    return doing;
  };
}
