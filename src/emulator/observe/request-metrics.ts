import type { Outcome } from '../wire/exchange.js';

/** Upper bounds of the buckets, seconds: an emulator's answer takes from tens of microseconds to a fault's seconds. */
export const LATENCY_BOUNDS_SECONDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const BOUNDS_MS = LATENCY_BOUNDS_SECONDS.map((seconds) => seconds * 1000);

/** How long requests of one operation took. */
export class LatencyCounts {
  /** By bucket, each alone; the last holds what is beyond all bounds. */
  readonly buckets = new Float64Array(BOUNDS_MS.length + 1);
  sumMs = 0;

  add(ms: number): void {
    let bucket = 0;
    while (bucket < BOUNDS_MS.length && ms > BOUNDS_MS[bucket]!) bucket++;
    this.buckets[bucket]!++;
    this.sumMs += ms;
  }
}

/** Counts of requests: only numbers are added to while requests pass. */
export class RequestMetrics {
  /** By operation, then by code: '200', the type of the error, or 'none' where there was no answer. */
  readonly counts = new Map<string, Map<string, number>>();
  readonly latencies = new Map<string, LatencyCounts>();

  /** @param operation undefined: it had none that there is */
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
