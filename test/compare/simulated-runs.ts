import type { ComparableRun } from '../../src/compare/compare.js';
import { LatencyOverTime, type RunSeconds, runningSums } from '../../src/compare/seconds.js';
import { bucketOf } from '../../src/measure/latency-counts.js';
import { reportOf } from '../report/reports.js';
import { randomFrom } from '../support/random.js';

/** How a simulated target behaves. */
export interface Simulated {
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** How much the level of a second depends on the one before: an autoregressive process of the first order. */
  readonly correlation: number;
  /** The standard deviation of the level of a second, of the logarithm. */
  readonly spread: number;
  /** Multiplies all latencies. */
  readonly factor?: number;
}

/**
 * Latencies as a service has them: most records take some 20 ms, one in thirty three times as long, and both times
 * wander from second to second, each on its own.
 */
export function* simulatedSeconds(seed: number, simulated: Simulated): Generator<Float64Array> {
  const { seconds, recordsPerSecond, correlation, spread, factor = 1 } = simulated;
  const random = randomFrom(seed * 7919);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const step = Math.sqrt(1 - correlation ** 2);
  let level = spread * normal();
  let tail = spread * normal();
  for (let t = 0; t < seconds; t++) {
    level = correlation * level + step * spread * normal();
    tail = correlation * tail + step * spread * normal();
    yield Float64Array.from({ length: recordsPerSecond }, () => {
      const isSlow = random() < 1 / 30;
      return Math.max(1, Math.round(factor * 20_000 * Math.exp(level + 0.4 * normal() + (isSlow ? 1.2 + tail : 0))));
    });
  }
}

/** A run of these seconds, in microseconds a record. */
export function runOfSeconds(file: string, latencies: readonly Float64Array[]): ComparableRun {
  const steps = latencies.map((values) => {
    const counts = new Map<number, number>();
    for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
    const indexes = Int32Array.from(counts.keys()).sort();
    let seen = 0;
    const upTo = Float64Array.from(indexes, (index) => {
      seen += counts.get(index)!;
      return seen;
    });
    return { indexes, upTo, sumUs: values.reduce((sum, value) => sum + value, 0) };
  });
  const none = runningSums(latencies.map(() => 0));
  const sent = runningSums(latencies.map(({ length }) => length));
  const seconds: RunSeconds = {
    ...{ stepSeconds: 1, steps: steps.length, withLatency: steps.length, leftOut: 0 },
    latency: new LatencyOverTime(steps),
    counts: { attempts: sent, failed: none, throttled: none, retried: none },
    paced: { offered: sent, sent, seconds: runningSums(latencies.map(() => 1)) },
  };
  return { file, report: reportOf(), seconds };
}

/** The two halves of one run. */
export function halvesOf(seed: number, simulated: Simulated): { base: ComparableRun[]; new: ComparableRun[] } {
  const all = [...simulatedSeconds(seed, simulated)];
  const half = simulated.seconds / 2;
  return { base: [runOfSeconds('base.json', all.slice(0, half))], new: [runOfSeconds('new.json', all.slice(half))] };
}
