/** A target that does not respond for this long is reported to the user. */
export const SILENCE_REPORTED_MS = 2_000;

/** The longest delay that a timer takes. A longer one would end at once. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

/** Waits for `work`. Calls `report` if that takes longer than SILENCE_REPORTED_MS. */
export async function reportingWait<T>(work: Promise<T>, report: () => void): Promise<T> {
  const timer = setTimeout(report, SILENCE_REPORTED_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `work`, unless the signal aborts first: then it rejects with the signal's reason. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', abort);
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
