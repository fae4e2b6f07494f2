/**
 * Returns milliseconds, with fractions, on a monotonic clock that the main thread and all worker threads share.
 * `performance.now()` starts at zero in each worker; hrtime does not.
 */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** A moment of this clock by the wall clock, as that is set now. */
export function wallTimeOf(clockMs: number): Date {
  return new Date(Date.now() + clockMs - nowMs());
}
