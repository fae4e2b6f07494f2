import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figureOf } from './support/figures.js';
import { runKload, runTail, withEmulator } from './support/kload.js';
import { progress } from './support/progress.js';
import { withTempDir } from './support/temp-dir.js';
import { watchMachine } from './support/timer-delay.js';

/**
 * Does a replay follow the shape of its recording? Replays three months of real flights, with their nights and rush
 * hours, in less than a minute, and compares when each record arrives in the emulator with its time in the recording.
 */

const FLIGHTS = new URL('../node_modules/vega-datasets/data/flights-20k.json', import.meta.url);
const LINGER_MS = 5;

/** @typedef {{ p50: number, p99: number, lag: number, machine: number, duration: number }} Replay */

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
  const figure = (/** @type {string} */ title, /** @type {string} */ unit, /** @type {keyof Replay} */ field) =>
    figureOf(
      'replay',
      `${name}: ${title}`,
      unit,
      results.map((result) => result[field]),
    );
  return [
    figure('arrival error p50', 'ms', 'p50'),
    figure('arrival error p99', 'ms', 'p99'),
    figure('schedule lag p99', 'ms', 'lag'),
    figure('timer delay of an idle process p99', 'ms', 'machine'),
    figure('error of the duration', '%', 'duration'),
  ];
}

/** The departure times of the flights, in the order of the file. */
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
      const stopWatching = watchMachine();
      const { report } = await runKload([recording, '--stream', 'bench', ...where, ...timing], { env });
      const machine = percentile(stopWatching(), 0.99);
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
  // No record arrives early, so the record with the least delay shows when the replay began.
  const late = records.map(({ recordedMs, arrivedMs }) => arrivedMs - recordedMs / speed);
  const earliest = late.reduce((a, b) => Math.min(a, b));
  const errors = late.map((ms) => ms - earliest).sort((a, b) => a - b);
  const arrivedMs = spanOf(records.map((record) => record.arrivedMs));
  const expectedMs = spanOf(records.map((record) => record.recordedMs)) / speed;
  return {
    p50: percentile(errors, 0.5),
    p99: percentile(errors, 0.99),
    duration: Math.abs(arrivedMs / expectedMs - 1) * 100,
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
