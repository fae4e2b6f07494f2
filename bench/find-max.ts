import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FindMaxReport } from '#dist/src/core/find-max.js';
import { outputOf } from './support/child.js';
import { type Figure, figureOf } from './support/figures.js';
import { KLOAD, toStream, withEmulator } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { progress } from './support/progress.js';
import { withTempDir } from './support/temp-dir.js';

/** How close does `kload find-max` come to a limit that is known? Each search has an emulator of its own. */

interface Case {
  readonly name: string;
  /** What the target takes, in records a second. */
  readonly limit: number;
  readonly emulate: readonly string[];
  readonly search: readonly string[];
}

const SHARDS: Case = {
  name: '4 shards of 1,000 records/s',
  limit: 4000,
  emulate: ['--limits', 'on', '--stream', 'bench:4'],
  search: ['--start', '3000'],
};
/** Eight requests of 40 records at a time, each of which takes 200 ms. */
const LATENCY: Case = {
  name: '8 requests of 40 records in 200 ms',
  limit: 1600,
  emulate: ['--limits', 'off', '--stream', 'bench:4', '--fault', 'latency:operation=PutRecords,delay=200ms'],
  search: [
    ...['--start', '1000', '--max-in-flight', '8', '--batch-size', '40', '--linger', '100ms'],
    ...['--slo', 'latency.p99 < 900ms'],
  ],
};

/** A bound that is sure to break at the second rate, so that the short form takes a quarter of a minute. */
const SMOKE: Case = {
  ...SHARDS,
  name: 'short form',
  emulate: ['--limits', 'off', '--stream', 'bench:4'],
  search: ['--start', '4000', '--step', '1.03', '--slo', 'records.sent < 8120'],
};

/** A search needs little processor time. */
const SIDE_BY_SIDE = 4;
const SEARCH_LIMIT_MS = 9 * 60_000;
const GOAL_PERCENT = 5;

export async function measure({ smoke, runs = smoke ? 1 : 10 }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const one of smoke ? [SMOKE] : [SHARDS, LATENCY]) figures.push(...(await measureCase(one, runs, smoke)));
  return figures;
}

async function measureCase(one: Case, runs: number, smoke: boolean): Promise<Figure[]> {
  const { name, limit } = one;
  const times = smoke ? ['--dwell', '3s', '--confirm', '3s'] : ['--dwell', '10s', '--confirm', '30s'];
  const found: FindMaxReport[] = [];
  let begun = 0;
  const searcher = async () => {
    while (begun < runs) {
      const number = ++begun;
      const report = await searchOnce(one, times);
      found.push(report);
      progress(`find-max: ${name}, search ${number} of ${runs}: ${resultText(report, limit)}`);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, searcher));
  const deviations = found.map((report) => Math.abs(deviationOf(report, limit)));
  const within = deviations.filter((percent) => percent <= GOAL_PERCENT).length;
  progress(
    `find-max: ${name}: ${within} of ${runs} within ${GOAL_PERCENT} %, worst ${Math.max(...deviations).toFixed(1)} %`,
  );
  const figures: [string, string, number[]][] = [
    ['found', 'records/s', found.map(({ maxRps }) => maxRps ?? 0)],
    ['deviation', '%', deviations],
    ['time', 's', found.map(({ durationMs }) => durationMs / 1000)],
  ];
  return figures.map(([title, unit, values]) => figureOf('find-max', `${name}: ${title}`, unit, values));
}

async function searchOnce({ emulate, search }: Case, times: readonly string[]): Promise<FindMaxReport> {
  return withEmulator(emulate, (endpoint) =>
    withTempDir(async (directory) => {
      const file = join(directory, 'report.json');
      const options = ['--spread', 'even', '--workers', '1', ...times, ...search, ...toStream(endpoint)];
      const args = [KLOAD, 'find-max', ...options, '--quiet', '--report', file];
      await outputOf({ name: `kload ${args.slice(1).join(' ')}`, args, limitMs: SEARCH_LIMIT_MS });
      return JSON.parse(readFileSync(file, 'utf8')) as FindMaxReport;
    }),
  );
}

/** Which rates were tried, and which of them broke, marked by '!'. */
function resultText(report: FindMaxReport, limit: number): string {
  const tried = report.trials.map(({ rps, held }) => `${rps}${held ? '' : '!'}`);
  return `${report.maxRps} records/s, ${deviationOf(report, limit).toFixed(1)} % (${tried.join(' ')})`;
}

/** In percent; negative below the limit. */
function deviationOf({ maxRps }: FindMaxReport, limit: number): number {
  return ((maxRps ?? 0) / limit - 1) * 100;
}
