import { figureOf } from './support/figures.js';
import { runKload } from './support/kload.js';
import { progress } from './support/progress.js';
import { median } from './support/stats.js';

/** Does kload keep the rate that it was given? What was handed to the socket in each second, and how late. */

const CASES = [
  { name: 'embedded 5,000/s', rps: 5_000, target: 'embedded' },
  { name: 'null 50,000/s', rps: 50_000, target: 'null' },
];

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 3 }) {
  const seconds = smoke ? 5 : 20;
  /** @type {PaceResult[][]} */
  const results = CASES.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, { name, rps, target }] of CASES.entries()) {
      progress(`pace: ${name} for ${seconds} s, round ${run + 1} of ${runs}`);
      const args = ['--rps', String(rps), '--duration', `${seconds}s`, '--target', target, '--quiet'];
      const { report } = await runKload(args);
      results[index]?.push(paceOf(report, rps, seconds));
    }
  }
  return CASES.flatMap(({ name }, index) => {
    const figure = (/** @type {string} */ what, /** @type {string} */ unit, /** @type {keyof PaceResult} */ of) =>
      figureOf(
        'pace',
        `${name}: ${what}`,
        unit,
        (results[index] ?? []).map((result) => result[of]),
      );
    return [
      figure('deviation of a second, p50', '%', 'deviationP50'),
      figure('deviation of a second, worst', '%', 'deviationWorst'),
      figure('schedule lag p50', 'ms', 'lagP50'),
      figure('schedule lag p99', 'ms', 'lagP99'),
    ];
  });
}

/**
 * @typedef {{ deviationP50: number, deviationWorst: number, lagP50: number, lagP99: number }} PaceResult
 */

/**
 * The first second holds the start, what comes after the duration only the rest of the last: neither is a whole second.
 * @param {import('../dist/src/core/report.js').Report} report
 * @param {number} rps
 * @param {number} seconds
 * @returns {PaceResult}
 */
function paceOf({ intervals, scheduleLagMs }, rps, seconds) {
  const deviations = [];
  for (let t = 1; t < seconds; t++) {
    // A second that the report does not have is one in which nothing was handed over.
    const handed = intervals.find((interval) => interval.t === t)?.handed ?? 0;
    deviations.push(Math.abs(handed / rps - 1) * 100);
  }
  return {
    deviationP50: median(deviations),
    deviationWorst: Math.max(...deviations),
    lagP50: scheduleLagMs.p50,
    lagP99: scheduleLagMs.p99,
  };
}
