import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, figuresOf } from './support/figures.js';
import { repositoryFile } from './support/files.js';
import { atEndpoint, runKload, runTail, toStream, withEmulator } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';
import { percentile } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';
import { watchMachine } from './support/timer-delay.js';

/**
 * Does a replay follow the shape of its recording? Replays three months of real flights, with their nights and rush
 * hours, in less than a minute, and compares when each record arrives in the emulator with its time in the recording.
 */

const FLIGHTS = repositoryFile('node_modules/vega-datasets/data/flights-20k.json');
const LINGER_MS = 5;

const TITLES = {
  p50: ['arrival error p50', 'ms'],
  p99: ['arrival error p99', 'ms'],
  lag: ['schedule lag p99', 'ms'],
  machine: ['timer delay of an idle process p99', 'ms'],
  duration: ['error of the duration', '%'],
} as const;

type Replay = Readonly<Record<keyof typeof TITLES, number>>;

export async function measure({ smoke, runs = smoke ? 1 : 3 }: BenchOptions): Promise<Figure[]> {
  const seconds = smoke ? 5 : 40;
  const departures = departuresMs();
  const spanMs = Math.max(...departures) - Math.min(...departures);
  const speed = Math.ceil(spanMs / (seconds * 1000));
  const name = `${departures.length} flights in ${seconds} s`;
  const results = await inRounds(runs, `replay: ${name}`, () => replay(departures, speed));
  return figuresOf('replay', `${name}, linger ${LINGER_MS} ms`, results, TITLES);
}

/** The departure times of the flights, in the order of the file. */
function departuresMs(): number[] {
  const flights = JSON.parse(readFileSync(FLIGHTS, 'utf8')) as { readonly date: string }[];
  return flights.map(({ date }) => Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`));
}

function replay(departures: readonly number[], speed: number): Promise<Replay> {
  return withTempDir((directory) =>
    withEmulator(['--limits', 'off', '--stream', 'bench:4'], async (endpoint) => {
      const recording = join(directory, 'flights.csv');
      const stored = join(directory, 'stored.ndjson');
      writeFileSync(recording, `at,ts\n${departures.map((ms) => `${ms},${ms}`).join('\n')}\n`);
      const timing = ['--respect-timing', '--speed', String(speed), '--linger', `${LINGER_MS}ms`];
      const stopWatching = watchMachine();
      const { report } = await runKload([recording, ...toStream(endpoint), ...timing, '--quiet']);
      const machine = percentile(stopWatching(), 0.99);
      await runTail(['bench', ...atEndpoint(endpoint), '--no-follow', '--output', stored, '--quiet']);
      return { ...errorsOf(readFileSync(stored, 'utf8'), speed), lag: report.scheduleLagMs.p99, machine };
    }),
  );
}

/** @param stored records as `kload tail` writes them */
function errorsOf(stored: string, speed: number): Pick<Replay, 'p50' | 'p99' | 'duration'> {
  const records = stored
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly data: string; readonly timestamp: string })
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

function spanOf(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b)) - times.reduce((a, b) => Math.min(a, b));
}
