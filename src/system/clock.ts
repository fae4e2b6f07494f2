/**
 * Milliseconds, with fractions, on a monotonic clock that the main thread and all worker threads share
 * (`performance.now()` begins anew in each worker; hrtime is one clock for the process).
 */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
