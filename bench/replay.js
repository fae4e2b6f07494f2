import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchMachine } from './support/bystander.js';
import { figureOf } from './support/figures.js';
import { runKload, runTail, withEmulator } from './support/kload.js';
import { progress } from './support/progress.js';
import { withTempDir } from './support/temp-dir.js';

/**
 * Does a replay follow the shape of its recording? Three months of real flights, with their nights and rush hours, in less
 * than a minute: how far each arrives in the emulator from where the recording has it.
 */

const FLIGHTS = new URL('../node_modules/vega-datasets/data/flights-20k.json', import.meta.url);
const LINGER_MS = 5;

/** @typedef {{ p50: number, p99: number, lag: number, machine: number, length: number }} Replay */

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 3 }) {
  const seconds = smoke ? 5 : 40;
  const departures = departuresMs();
  const spanMs = Math.max(...departures) - Math.min(...departures);
  const speed = Math.ceil(spanMs / (seconds * 1000));
  /** @type {Replay[]} */
  const results = [];
  for (let run = 0; run < runs; run++) {
    progress(`replay: ${departures.length} flights in ${seconds} s, round ${run + 1} of ${runs}`);
    results.push(await replay(departures, speed));
  }
  const name = `${departures.length} flights in ${seconds} s, linger ${LINGER_MS} ms`;
  const figure = (/** @type {string} */ title, /** @type {string} */ unit, /** @type {keyof Replay} */ of) =>
    figureOf(
      'replay',
      `${name}: ${title}`,
      unit,
      results.map((result) => result[of]),
    );
  return [
    figure('error of arrival p50', 'ms', 'p50'),
    figure('error of arrival p99', 'ms', 'p99'),
    figure('of it, schedule lag p99', 'ms', 'lag'),
    figure('timers of an idle process late p99', 'ms', 'machine'),
    figure('error of the whole length', '%', 'length'),
  ];
}

/** The moments at which the flights left, in the order of the file. */
function departuresMs() {
  /** @type {{ date: string }[]} */
  const flights = JSON.parse(readFileSync(FLIGHTS, 'utf8'));
  return flights.map(({ date }) => Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`));
}

/** @param {readonly number[]} departures @param {number} speed */
function replay(departures, speed) {
  return withTempDir((directory) =>
    withEmulator(['--limits', 'off', '--stream', 'bench:4'], async (endpoint) => {
      const recording = join(directory, 'flights.csv');
      const stored = join(directory, 'stored.ndjson');
      writeFileSync(recording, `at,ts\n${departures.map((ms) => `${ms},${ms}`).join('\n')}\n`);
      const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
      const where = ['--endpoint-url', endpoint, '--region', 'us-east-1', '--quiet'];
      const timing = ['--respect-timing', '--speed', String(speed), '--linger', `${LINGER_MS}ms`];
      const watched = watchMachine();
      const { report } = await runKload([recording, '--stream', 'bench', ...where, ...timing], { env });
      const machine = percentile(watched(), 0.99);
      await runTail(['bench', '--no-follow', '--output', stored, ...where], { env });
      return { ...errorsOf(readFileSync(stored, 'utf8'), speed), lag: report.scheduleLagMs.p99, machine };
    }),
  );
}

/** @param {string} stored records as `kload tail` writes them @param {number} speed */
function errorsOf(stored, speed) {
  const records = stored
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ data, timestamp }) => ({ recordedMs: Number(data), arrivedMs: Date.parse(timestamp) }));
  // None arrives before it is due: the one that is nearest to its moment shows when the replay began.
  const late = records.map(({ recordedMs, arrivedMs }) => arrivedMs - recordedMs / speed);
  const least = late.reduce((a, b) => Math.min(a, b));
  const errors = late.map((ms) => ms - least).sort((a, b) => a - b);
  const arrivedMs = spanOf(records.map((record) => record.arrivedMs));
  const wantedMs = spanOf(records.map((record) => record.recordedMs)) / speed;
  return {
    p50: percentile(errors, 0.5),
    p99: percentile(errors, 0.99),
    length: Math.abs(arrivedMs / wantedMs - 1) * 100,
  };
}

/** @param {readonly number[]} sorted @param {number} share */
function percentile(sorted, share) {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

/** @param {readonly number[]} times */
function spanOf(times) {
  return times.reduce((a, b) => Math.max(a, b)) - times.reduce((a, b) => Math.min(a, b));
}
