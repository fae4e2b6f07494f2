import type { Outcome } from '../wire/exchange.js';

/** Upper bounds of the buckets, seconds: responses take tens of microseconds, and seconds with an injected delay. */
export const LATENCY_BOUNDS_SECONDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const BOUNDS_MS = LATENCY_BOUNDS_SECONDS.map((seconds) => seconds * 1000);

/** A histogram of the durations of one operation. */
export class LatencyCounts {
  /** The count of each bucket, not cumulative. The last is for durations beyond all bounds. */
  readonly buckets = new Float64Array(BOUNDS_MS.length + 1);
  sumMs = 0;

  add(ms: number): void {
    let bucket = 0;
    while (bucket < BOUNDS_MS.length && ms > BOUNDS_MS[bucket]!) bucket++;
    this.buckets[bucket]!++;
    this.sumMs += ms;
  }
}

/** Counts and durations of requests. */
export class RequestMetrics {
  /** By operation, then by code: '200', the type of the error, or 'none' if there was no response. */
  readonly counts = new Map<string, Map<string, number>>();
  readonly latencies = new Map<string, LatencyCounts>();

  /** @param operation undefined if the request named no known operation */
  add(operation: string = 'unknown', { status, refusal, durationMs }: Outcome): void {
    const code = refusal?.type ?? (status === 0 ? 'none' : String(status));
    let codes = this.counts.get(operation);
    let latency = this.latencies.get(operation);
    if (codes === undefined || latency === undefined) {
      codes = new Map();
      latency = new LatencyCounts();
      this.counts.set(operation, codes);
      this.latencies.set(operation, latency);
    }
    codes.set(code, (codes.get(code) ?? 0) + 1);
    latency.add(durationMs);
  }
}
