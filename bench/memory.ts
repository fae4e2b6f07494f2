import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from './support/errors.js';
import { type Figure, figureOf } from './support/figures.js';
import { runKload } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { progress } from './support/progress.js';
import { writeRecording } from './support/recording.js';
import { type Sample, sampledRun } from './support/sampled-run.js';
import { MIB } from './support/sizes.js';
import { measureSlowTarget } from './support/slow-target.js';
import { median, pairRatios } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';

/**
 * Does memory grow with the input, or while the target is slower than the rate? Compares the peak of the whole process
 * for a file and a much larger one. A long run measures whether memory grows with time.
 */

const SPARE_BYTES = 256 * MIB;
const RUN_LIMIT_MS = 20 * 60_000;
const LONG_RPS = 20_000;
const SAMPLE_EVERY_MS = 10_000;
/** Until then, memory grows because of compilation and garbage collection. */
const SETTLED_MINUTES = 1;
const SLOW_SECONDS = 40;
const SLOW_SMOKE_SECONDS = 2;
/** The number of parts into which the figures of a long run are divided. */
const PARTS = 12;

interface Recording {
  readonly name: string;
  readonly path: string;
}

/** Rows are two milliseconds apart, so this speed makes 300,000 a second. */
const MODES = [
  { mode: 'as fast as possible', args: [] },
  { mode: 'replayed at its times', args: ['--respect-timing', '--speed', '600'] },
];

export async function measure({
  smoke,
  runs = smoke ? 1 : 3,
  longMinutes,
  largeGib = 2,
}: BenchOptions): Promise<Figure[]> {
  if (longMinutes !== undefined) return measureLong(longMinutes);
  const sizes = smoke ? [20 * MIB, 200 * MIB] : [100 * MIB, largeGib * 1024 * MIB];
  return withTempDir(async (directory) => {
    const files: Recording[] = [];
    for (const bytes of sizes) files.push(await makeFile(directory, bytes));
    const figures: Figure[] = [];
    for (const { mode, args } of smoke ? MODES.slice(0, 1) : MODES) {
      const peaks: number[][] = files.map(() => []);
      for (let run = 0; run < runs; run++) {
        for (const [index, { name, path }] of files.entries()) {
          progress(`memory: ${name}, ${mode}, round ${run + 1} of ${runs}`);
          peaks[index]?.push(await peakMib(path, args));
        }
      }
      figures.push(...figuresOf(files, mode, peaks));
    }
    return [...figures, ...(await measureSlow(files[0]?.path ?? '', smoke, runs))];
  });
}

async function measureSlow(file: string, smoke: boolean, runs: number): Promise<Figure[]> {
  const csv = { name: 'CSV', args: [file, '--loop'] };
  if (smoke) return measureSlowTarget(csv, SLOW_SMOKE_SECONDS, runs);
  const generated = { name: 'generated records of 100 B', args: ['--record-size', '100'] };
  return [
    ...(await measureSlowTarget(generated, SLOW_SECONDS, runs)),
    ...(await measureSlowTarget(csv, SLOW_SECONDS, runs)),
  ];
}

function figuresOf(files: readonly Recording[], mode: string, peaks: readonly number[][]): Figure[] {
  const [small = [], large = []] = peaks;
  return [
    ...files.map(({ name }, index) =>
      figureOf('memory', `CSV of ${name}, ${mode}: peak RSS`, 'MiB', peaks[index] ?? []),
    ),
    figureOf('memory', `${files[1]?.name} / ${files[0]?.name}, ${mode}: peak RSS`, 'ratio', pairRatios(large, small)),
  ];
}

async function makeFile(directory: string, bytes: number): Promise<Recording> {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < bytes + SPARE_BYTES) {
    throw new BenchError(`${directory} has no space for a file of ${bytes / MIB} MiB: set TMPDIR to another directory`);
  }
  const name = `${bytes / MIB} MiB`;
  progress(`memory: writing a recording of ${name}`);
  const path = join(directory, `recording-${bytes / MIB}.csv`);
  await writeRecording(path, bytes);
  return { name, path };
}

async function peakMib(path: string, args: readonly string[]): Promise<number> {
  const { report, peakRssKib } = await runKload([path, '--target', 'null', '--quiet', ...args], {
    limitMs: RUN_LIMIT_MS,
  });
  if (peakRssKib === null) throw new BenchError('the memory bench reads VmHWM from /proc: it runs on Linux only');
  if (report.bytes.sent === 0 || report.records.sent < statSync(path).size / 1000) {
    throw new BenchError(`kload sent only ${report.records.sent} records from ${path}`);
  }
  return peakRssKib / 1024;
}

/** The memory of one run at a constant rate over time. */
async function measureLong(minutes: number): Promise<Figure[]> {
  const name = `${LONG_RPS.toLocaleString('en-US')}/s for ${minutes} min`;
  progress(`memory: ${name}`);
  const args = ['--rps', String(LONG_RPS), '--duration', `${minutes}m`, '--target', 'null', '--quiet'];
  const { samples } = await sampledRun(args, {
    limitMs: (minutes + 5) * 60_000,
    everyMs: SAMPLE_EVERY_MS,
    onSample: ({ minute, mib }) => progress(`memory: ${minute.toFixed(1)} min: ${mib.toFixed(1)} MiB`),
  });
  const settled = samples.filter(({ minute }) => minute >= SETTLED_MINUTES);
  if (settled.length === 0) throw new BenchError(`--long ${minutes} is too short: use 2 or more`);
  const first = settled.slice(0, 6);
  const last = settled.slice(-6);
  const middle = median(first.map(({ mib }) => mib));
  return [
    ...partsOf(samples, minutes).map(({ title, values }) =>
      figureOf('memory', `${name}: RSS, ${title}`, 'MiB', values),
    ),
    figureOf('memory', `${name}: growth after the first minute`, 'MiB an hour', [slopeOf(settled)]),
    figureOf(
      'memory',
      `${name}: RSS, last minute / second minute`,
      'ratio',
      last.map(({ mib }) => mib / middle),
    ),
  ];
}

function partsOf(samples: readonly Sample[], minutes: number) {
  const length = Math.max(1, minutes / PARTS);
  const parts: { title: string; values: number[] }[] = [];
  for (let from = 0; from < minutes; from += length) {
    const values = samples.filter(({ minute }) => minute >= from && minute < from + length).map(({ mib }) => mib);
    if (values.length > 0) parts.push({ title: `minutes ${from.toFixed(0)} to ${(from + length).toFixed(0)}`, values });
  }
  return parts;
}

/** The slope of the samples (least squares), in MiB an hour. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (field: keyof Sample) => samples.reduce((sum, sample) => sum + sample[field], 0) / samples.length;
  const [minute, mib] = [mean('minute'), mean('mib')];
  const covariance = samples.reduce((sum, sample) => sum + (sample.minute - minute) * (sample.mib - mib), 0);
  const variance = samples.reduce((sum, sample) => sum + (sample.minute - minute) ** 2, 0);
  return variance === 0 ? 0 : (60 * covariance) / variance;
}
