import type { Report } from '#dist/src/core/report.js';
import { type Figure, figuresOf } from './support/figures.js';
import { runKload, toStream, withEmulator } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';
import { slicedRun } from './support/slices.js';
import { median, percentile } from './support/stats.js';

/**
 * Does kload keep the rate? Measures how many records are offered in each second and in each tenth of a second, and how
 * late, also to a stream that is 20 ms away.
 */

const RATES = [5_000, 200_000];
const FAR_RATES = [20_000, 50_000];
const FAR_LATENCY_MS = 20;
const FAR_SHARDS = 100;

export async function measure({ smoke, runs = smoke ? 1 : 3 }: BenchOptions): Promise<Figure[]> {
  const seconds = smoke ? 2 : 15;
  const figures: Figure[] = [];
  for (const rps of smoke ? RATES.slice(-1) : RATES) figures.push(...(await measureSliced(rps, seconds, runs)));
  figures.push(...(await measureEmbedded(5_000, seconds, runs)));
  for (const rps of smoke ? FAR_RATES.slice(-1) : FAR_RATES) figures.push(...(await measureFar(rps, seconds, runs)));
  return figures;
}

const SECONDS = {
  secondMiddle: ['deviation of a second, p50', '%'],
  secondWorst: ['deviation of a second, worst', '%'],
  lagP50: ['schedule lag p50', 'ms'],
  lagP99: ['schedule lag p99', 'ms'],
} as const;

/** To the null target without linger, so that all lateness is kload's own. */
async function measureSliced(rps: number, seconds: number, runs: number): Promise<Figure[]> {
  const name = `null ${rps.toLocaleString('en-US')}/s, linger 0`;
  const results = await inRounds(runs, `pace: ${name} for ${seconds} s`, async () => {
    const { report, slices } = await slicedRun({ rps: String(rps), duration: `${seconds}s`, linger: '0ms' });
    // Skip the first second, which includes the start.
    const tenths = slices.slice(10, 10 * seconds).map((records) => deviation(records, rps / 10));
    const sorted = tenths.sort((a, b) => a - b);
    return {
      ...paceOf(report, rps, seconds),
      sliceMiddle: median(sorted),
      sliceP99: percentile(sorted, 0.99),
      sliceWorst: sorted.at(-1) ?? 0,
    };
  });
  return figuresOf('pace', name, results, {
    ...SECONDS,
    sliceMiddle: ['deviation of a tenth of a second, p50', '%'],
    sliceP99: ['deviation of a tenth of a second, p99', '%'],
    sliceWorst: ['deviation of a tenth of a second, worst', '%'],
  });
}

/** To the embedded emulator, with the default linger. */
async function measureEmbedded(rps: number, seconds: number, runs: number): Promise<Figure[]> {
  const name = `embedded ${rps.toLocaleString('en-US')}/s`;
  const args = ['--rps', String(rps), '--duration', `${seconds}s`, '--target', 'embedded', '--quiet'];
  const results = await inRounds(runs, `pace: ${name} for ${seconds} s`, async () =>
    paceOf((await runKload(args)).report, rps, seconds),
  );
  return figuresOf('pace', name, results, SECONDS);
}

/**
 * To an emulator in a process of its own that delays each response, as a distant network does, with the default number
 * of requests in flight.
 */
async function measureFar(rps: number, seconds: number, runs: number): Promise<Figure[]> {
  const name = `${FAR_LATENCY_MS} ms away, ${rps.toLocaleString('en-US')}/s`;
  const emulator = ['--limits', 'off', '--stream', `bench:${FAR_SHARDS}`];
  const fault = ['--fault', `latency:operation=PutRecords,delay=${FAR_LATENCY_MS}ms`];
  const results = await inRounds(runs, `pace: ${name} for ${seconds} s`, () =>
    withEmulator([...emulator, ...fault], async (endpoint) => {
      const args = [...toStream(endpoint), '--rps', String(rps), '--duration', `${seconds}s`, '--quiet'];
      const { report, peakRssKib } = await runKload(args);
      return {
        ...paceOf(report, rps, seconds),
        achieved: 100 * (report.rps.achieved / rps),
        serviceP50: report.latencyMs.service.p50,
        peakMib: (peakRssKib ?? Number.NaN) / 1024,
      };
    }),
  );
  return figuresOf('pace', name, results, {
    achieved: ['rate achieved', '%'],
    ...SECONDS,
    serviceP50: ['latency of the service p50', 'ms'],
    peakMib: ['peak RSS', 'MiB'],
  });
}

/** Uses whole seconds only: the first includes the start, and any after the duration only the rest of the last. */
function paceOf({ intervals, scheduleLagMs }: Report, rps: number, seconds: number) {
  const deviations: number[] = [];
  for (let t = 1; t < seconds; t++) {
    // If the report has no such second, nothing was offered in it.
    const offered = intervals.find((interval) => interval.t === t)?.offered ?? 0;
    deviations.push(deviation(offered, rps));
  }
  return {
    secondMiddle: median(deviations),
    secondWorst: Math.max(...deviations),
    lagP50: scheduleLagMs.p50,
    lagP99: scheduleLagMs.p99,
  };
}

/** In percent. */
function deviation(records: number, expected: number): number {
  return Math.abs(records / expected - 1) * 100;
}
