import { figureOf } from './support/figures.js';
import { runKload, withEmulator } from './support/kload.js';
import { progress } from './support/progress.js';
import { slicedRun } from './support/slices.js';
import { median } from './support/stats.js';

/**
 * Does kload keep the rate? Measures how many records are offered in each second and in each tenth of a second, and how
 * late, also to a stream that is 20 ms away.
 */

const RATES = [5_000, 200_000];
const FAR_RATES = [20_000, 50_000];
const FAR_LATENCY_MS = 20;
const FAR_SHARDS = 100;

/** @typedef {import('../dist/src/core/report.js').Report} Report */

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 3 }) {
  const seconds = smoke ? 2 : 15;
  const figures = [];
  for (const rps of smoke ? RATES.slice(-1) : RATES) figures.push(...(await measureSliced(rps, seconds, runs)));
  figures.push(...(await measureEmbedded(5_000, seconds, runs)));
  for (const rps of smoke ? FAR_RATES.slice(-1) : FAR_RATES) figures.push(...(await measureFar(rps, seconds, runs)));
  return figures;
}

/**
 * @param {string} name
 * @param {readonly Readonly<Record<string, number>>[]} results
 * @param {Readonly<Record<string, [string, string]>>} titles the title and unit of each field of a result
 */
function figuresOf(name, results, titles) {
  return Object.entries(titles).map(([key, [title, unit]]) =>
    figureOf(
      'pace',
      `${name}: ${title}`,
      unit,
      results.map((result) => result[key] ?? Number.NaN),
    ),
  );
}

/** @type {Readonly<Record<string, [string, string]>>} */
const SECONDS = {
  secondMiddle: ['deviation of a second, p50', '%'],
  secondWorst: ['deviation of a second, worst', '%'],
  lagP50: ['schedule lag p50', 'ms'],
  lagP99: ['schedule lag p99', 'ms'],
};

/**
 * To the null target without linger, so that all lateness is kload's own.
 * @param {number} rps
 * @param {number} seconds
 * @param {number} runs
 */
async function measureSliced(rps, seconds, runs) {
  const name = `null ${rps.toLocaleString('en-US')}/s, linger 0`;
  const results = [];
  for (let run = 0; run < runs; run++) {
    progress(`pace: ${name} for ${seconds} s, round ${run + 1} of ${runs}`);
    const { report, slices } = await slicedRun({ rps: String(rps), duration: `${seconds}s`, linger: '0ms' });
    // Skip the first second, which includes the start.
    const tenths = slices.slice(10, 10 * seconds).map((records) => deviation(records, rps / 10));
    const sorted = tenths.sort((a, b) => a - b);
    const sliceP99 = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN;
    results.push({
      ...paceOf(report, rps, seconds),
      sliceMiddle: median(sorted),
      sliceP99,
      sliceWorst: sorted.at(-1) ?? 0,
    });
  }
  return figuresOf(name, results, {
    ...SECONDS,
    sliceMiddle: ['deviation of a tenth of a second, p50', '%'],
    sliceP99: ['deviation of a tenth of a second, p99', '%'],
    sliceWorst: ['deviation of a tenth of a second, worst', '%'],
  });
}

/**
 * To the embedded emulator, with the default linger.
 * @param {number} rps
 * @param {number} seconds
 * @param {number} runs
 */
async function measureEmbedded(rps, seconds, runs) {
  const name = `embedded ${rps.toLocaleString('en-US')}/s`;
  const results = [];
  for (let run = 0; run < runs; run++) {
    progress(`pace: ${name} for ${seconds} s, round ${run + 1} of ${runs}`);
    const args = ['--rps', String(rps), '--duration', `${seconds}s`, '--target', 'embedded', '--quiet'];
    results.push(paceOf((await runKload(args)).report, rps, seconds));
  }
  return figuresOf(name, results, SECONDS);
}

/**
 * To an emulator in a process of its own that delays each response, as a distant network does, with the default number
 * of requests in flight.
 * @param {number} rps
 * @param {number} seconds
 * @param {number} runs
 */
async function measureFar(rps, seconds, runs) {
  const name = `${FAR_LATENCY_MS} ms away, ${rps.toLocaleString('en-US')}/s`;
  const results = [];
  const emulator = ['--limits', 'off', '--stream', `bench:${FAR_SHARDS}`];
  const fault = ['--fault', `latency:operation=PutRecords,delay=${FAR_LATENCY_MS}ms`];
  for (let run = 0; run < runs; run++) {
    progress(`pace: ${name} for ${seconds} s, round ${run + 1} of ${runs}`);
    results.push(
      await withEmulator([...emulator, ...fault], async (endpoint) => {
        const to = ['--stream', 'bench', '--endpoint-url', endpoint, '--region', 'us-east-1'];
        const args = [...to, '--rps', String(rps), '--duration', `${seconds}s`, '--quiet'];
        const { report, peakRssKib } = await runKload(args, {
          env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
        });
        return {
          ...paceOf(report, rps, seconds),
          achieved: 100 * (report.rps.achieved / rps),
          serviceP50: report.latencyMs.service.p50,
          peakMib: (peakRssKib ?? Number.NaN) / 1024,
        };
      }),
    );
  }
  return figuresOf(name, results, {
    achieved: ['rate achieved', '%'],
    ...SECONDS,
    serviceP50: ['latency of the service p50', 'ms'],
    peakMib: ['peak RSS', 'MiB'],
  });
}

/**
 * Uses whole seconds only: the first includes the start, and any after the duration only the rest of the last.
 * @param {Report} report
 * @param {number} rps
 * @param {number} seconds
 */
function paceOf({ intervals, scheduleLagMs }, rps, seconds) {
  const deviations = [];
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

/** In percent. @param {number} records @param {number} expected */
function deviation(records, expected) {
  return Math.abs(records / expected - 1) * 100;
}
