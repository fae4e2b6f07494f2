import { statSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from './support/child.js';
import { BenchError } from './support/errors.js';
import { type Cost, costFigures, type Figure, figureOf } from './support/figures.js';
import { programFile } from './support/files.js';
import { costOf, countFor, runKload, withEmulator } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds, progress } from './support/progress.js';
import { readPass } from './support/read.js';
import { QUOTED_CSV, type RecordingKind, SHORT_CSV, writeRecording } from './support/recording.js';
import { MIB, SIZES, type Size } from './support/sizes.js';
import { median, pairRatios } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';

/**
 * How fast is the whole way of a record? A recording to the null target, compared with a library that only parses it;
 * and generated records to the embedded emulator, compared with the usual sample script, which awaits one PutRecord per
 * record.
 */

interface Recording {
  readonly name: string;
  readonly kind: RecordingKind;
  /** The average size of a row, including the line feed. */
  readonly rowBytes: number;
  readonly mib: number;
  /** Whether to measure it with random keys, too. */
  readonly randomKeys: boolean;
}

/** Each has 2.8 million rows. */
const RECORDINGS: readonly Recording[] = [
  { name: '150 B rows', kind: SHORT_CSV, rowBytes: 150, mib: 400, randomKeys: true },
  { name: '224 B rows (bodies of 150 B)', kind: QUOTED_CSV, rowBytes: 224, mib: 600, randomKeys: false },
];
/** How much the average size of a recording's rows may differ. */
const ROW_BYTES_OFF = 2;
/** csv-parse reads only a quarter of the rows: it is warmed up, and its rate does not change after that. */
const PARTS = 4;
const KEY = ['--partition-key-field', 'RRPair UUID'];
const SHARDS = 4;
const LOOP = programFile('put-record-loop');
const LOOP_LIMIT_MS = 60_000;

export async function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const recording of smoke ? RECORDINGS.slice(0, 1) : RECORDINGS) {
    figures.push(...(await withTempDir((directory) => measureFile(recording, directory, smoke, runs))));
  }
  for (const size of smoke ? SIZES.slice(0, 1) : SIZES) {
    figures.push(...(await measureEmbedded(size, smoke ? 1.5 : 4.5, runs)));
  }
  return figures;
}

async function measureFile(
  { name, kind, rowBytes, mib, randomKeys }: Recording,
  directory: string,
  smoke: boolean,
  runs: number,
): Promise<Figure[]> {
  const bytes = (smoke ? 20 : mib) * MIB;
  const file = await makeFile(join(directory, `${rowBytes}.csv`), bytes, kind);
  const part = await makeFile(join(directory, `${rowBytes}-part.csv`), bytes / PARTS, kind);
  const warmUp = await makeFile(join(directory, `${rowBytes}-warm-up.csv`), MIB, kind);
  const keyed: Cost[] = [];
  const random: Cost[] = [];
  const library: Cost[] = [];
  await inRounds(runs, `path: CSV of ${name} to the null target`, async () => {
    const args = [file, '--target', 'null', '--quiet'];
    const found = await runKload([...args, ...KEY]);
    checkRowBytes(statSync(file).size / found.report.records.sent, rowBytes);
    keyed.push(costOf(found));
    const { rows, wallMs, cpuMs } = await readPass('csv-parse', part, warmUp);
    library.push({ perSecond: (rows * 1000) / wallMs, cpuUs: (cpuMs * 1000) / rows });
    if (randomKeys) random.push(costOf(await runKload(args)));
  });
  return [
    ...costFigures('path', `CSV of ${name} with keys, null target`, 'row', keyed),
    ...(randomKeys ? costFigures('path', `CSV of ${name}, random keys, null target`, 'row', random) : []),
    ...costFigures('path', `CSV of ${name}, csv-parse alone`, 'row', library),
    figureOf(
      'path',
      `CSV of ${name} with keys / csv-parse alone: rows/s`,
      'ratio',
      pairRatios(
        keyed.map(({ perSecond }) => perSecond),
        library.map(({ perSecond }) => perSecond),
      ),
    ),
  ];
}

async function makeFile(path: string, bytes: number, kind: RecordingKind): Promise<string> {
  progress(`path: writing a recording of ${bytes / MIB} MiB`);
  await writeRecording(path, bytes, kind);
  return path;
}

/** Checks that the figures name the correct size of a row. */
function checkRowBytes(found: number, rowBytes: number): void {
  if (Math.abs(found - rowBytes) <= ROW_BYTES_OFF) return;
  throw new BenchError(`a row of the recording has ${found.toFixed(1)} bytes on average, not ${rowBytes}`);
}

/** @param seconds the duration of a run */
async function measureEmbedded({ name, bytes }: Size, seconds: number, runs: number): Promise<Figure[]> {
  const to = ['--target', 'embedded', '--limits', 'off', '--shards', String(SHARDS), '--quiet'];
  const args = [...to, '--record-size', String(bytes)];
  const count = await countFor(args, seconds);
  const kload: Cost[] = [];
  const loop: number[] = [];
  await inRounds(runs, `path: records of ${name}, embedded`, async () => {
    kload.push(costOf(await runKload([...args, '--count', String(count)])));
    loop.push(await putRecordLoop(bytes, seconds));
  });
  const rates = kload.map(({ perSecond }) => perSecond);
  const ratio = figureOf('path', `${name}: kload, embedded / PutRecord loop`, 'ratio', pairRatios(rates, loop));
  return [
    figureOf('path', `${name}: kload, embedded`, 'records/s', rates),
    figureOf(
      'path',
      `${name}: kload and the emulator in it`,
      'CPU us a record',
      kload.map(({ cpuUs }) => cpuUs),
    ),
    figureOf('path', `${name}: awaited PutRecord loop`, 'records/s', loop),
    { ...ratio, median: median(rates) / median(loop) },
  ];
}

/** @returns records/s */
function putRecordLoop(bytes: number, seconds: number): Promise<number> {
  return withEmulator(['--limits', 'off', '--stream', `bench:${SHARDS}`], async (endpoint) => {
    const args = [LOOP, endpoint, 'bench', String(bytes), String(seconds)];
    return Number(await outputOf({ name: 'the PutRecord loop', args, limitMs: LOOP_LIMIT_MS }));
  });
}
