import { BenchError } from './errors.js';
import { figureOf } from './figures.js';
import { withEmulator } from './kload.js';
import { progress } from './progress.js';
import { sampledRun } from './sampled-run.js';
import { median } from './stats.js';

/**
 * Does memory grow while the target is slower than the rate? An emulator in a process of its own delays each response
 * so long that the requests in flight cannot carry the rate.
 */

const RPS = 50_000;
const DELAY_MS = 1_000;
/** With the default of 32 requests in flight, and 500 records in each. */
const RPS_MAX = (32 * 500 * 1000) / DELAY_MS;
const EMULATOR = ['--limits', 'off', '--stream', 'bench:100'];
const FAULT = ['--fault', `latency:operation=PutRecords,delay=${DELAY_MS}ms`];
const ENV = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const SAMPLES = 40;

/** @typedef {{ name: string, args: readonly string[] }} Input */

/**
 * @param {Input} input
 * @param {number} seconds after which the run is stopped
 * @param {number} runs
 */
export async function measureSlowTarget({ name, args }, seconds, runs) {
  /** @type {SlowRun[]} */
  const results = [];
  for (let run = 0; run < runs; run++) {
    progress(`memory: ${name} to a slow target for ${seconds} s, round ${run + 1} of ${runs}`);
    results.push(await withEmulator([...EMULATOR, ...FAULT], (endpoint) => slowRun(endpoint, args, seconds)));
  }
  const title = `slow target, ${name}`;
  const of = (/** @type {keyof SlowRun} */ field) => results.map((result) => result[field]);
  return [
    figureOf('memory', `${title}: accepted of ${RPS.toLocaleString('en-US')}/s`, 'records/s', of('achieved')),
    figureOf('memory', `${title}: peak RSS`, 'MiB', of('peakMib')),
    figureOf('memory', `${title}: RSS, last quarter / second quarter`, 'ratio', of('growth')),
  ];
}

/** @typedef {{ achieved: number, peakMib: number, growth: number }} SlowRun */

/**
 * @param {string} endpoint
 * @param {readonly string[]} args
 * @param {number} seconds
 * @returns {Promise<SlowRun>}
 */
async function slowRun(endpoint, args, seconds) {
  const to = ['--stream', 'bench', '--endpoint-url', endpoint, '--region', 'us-east-1'];
  // The duration is longer than the run, so that the run keeps its rate until it is stopped.
  const rate = ['--rps', String(RPS), '--duration', `${10 * seconds}s`, '--drain-timeout', `${2 * DELAY_MS}ms`];
  const { report, peakRssKib, samples } = await sampledRun([...args, ...to, ...rate], {
    env: ENV,
    everyMs: (1000 * seconds) / SAMPLES,
    stopAfterMs: 1000 * seconds,
  });
  const { achieved } = report.rps;
  if (achieved > RPS_MAX) throw new BenchError(`the target was not slow: it accepted ${achieved} records/s`);
  const quarter = Math.ceil(samples.length / 4);
  const growth = medianMib(samples.slice(-quarter)) / medianMib(samples.slice(quarter, 2 * quarter));
  return { achieved, peakMib: (peakRssKib ?? Number.NaN) / 1024, growth };
}

/** @param {readonly import('./sampled-run.js').Sample[]} samples */
function medianMib(samples) {
  return median(samples.map(({ mib }) => mib));
}
