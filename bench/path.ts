import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './support/child.js';
import { BenchError } from './support/errors.js';
import { figureOf } from './support/figures.js';
import { runKload, withEmulator } from './support/kload.js';
import { progress } from './support/progress.js';
import { readPass } from './support/read.js';
import { QUOTED_CSV, SHORT_CSV, writeRecording } from './support/recording.js';
import { median, pairRatios } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';

/**
 * How fast is the whole way of a record? A recording to the null target, compared with a library that only parses it;
 * and generated records to the embedded emulator, compared with the usual sample script, which awaits one PutRecord per
 * record.
 */

const MIB = 1024 * 1024;

/**
 * @typedef {object} Recording
 * @property {string} name
 * @property {import('./support/recording.js').RecordingKind} kind
 * @property {number} rowBytes the average size of a row, including the line feed
 * @property {number} mib
 * @property {boolean} randomKeys whether to measure it with random keys, too
 */

/** Each has 2.8 million rows. @type {readonly Recording[]} */
const RECORDINGS = [
  { name: '150 B rows', kind: SHORT_CSV, rowBytes: 150, mib: 400, randomKeys: true },
  { name: '224 B rows (bodies of 150 B)', kind: QUOTED_CSV, rowBytes: 224, mib: 600, randomKeys: false },
];
/** How much the average size of a recording's rows may differ. */
const ROW_BYTES_OFF = 2;
/** csv-parse reads only a quarter of the rows: it is warmed up, and its rate does not change after that. */
const PARTS = 4;
const KEY = ['--partition-key-field', 'RRPair UUID'];
const SIZES = [
  { name: '100 B', bytes: 100 },
  { name: '1 kB', bytes: 1_000 },
];
const SHARDS = 4;
const LOOP = fileURLToPath(new URL('support/put-record-loop.js', import.meta.url));
const LOOP_LIMIT_MS = 60_000;

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 5 }) {
  const figures = [];
  for (const recording of smoke ? RECORDINGS.slice(0, 1) : RECORDINGS) {
    figures.push(...(await withTempDir((directory) => measureFile(recording, directory, smoke, runs))));
  }
  for (const size of smoke ? SIZES.slice(0, 1) : SIZES) {
    figures.push(...(await measureEmbedded(size, smoke ? 1.5 : 4.5, runs)));
  }
  return figures;
}

/**
 * @param {Recording} recording
 * @param {string} directory
 * @param {boolean} smoke
 * @param {number} runs
 */
async function measureFile({ name, kind, rowBytes, mib, randomKeys }, directory, smoke, runs) {
  const bytes = (smoke ? 20 : mib) * MIB;
  const file = await makeFile(join(directory, `${rowBytes}.csv`), bytes, kind);
  const part = await makeFile(join(directory, `${rowBytes}-part.csv`), bytes / PARTS, kind);
  const warmUp = await makeFile(join(directory, `${rowBytes}-warm-up.csv`), MIB, kind);
  const [keyed, random, library] = [noCosts(), noCosts(), noCosts()];
  for (let run = 0; run < runs; run++) {
    progress(`path: CSV of ${name} to the null target, round ${run + 1} of ${runs}`);
    const args = [file, '--target', 'null', '--quiet'];
    const found = await runKload([...args, ...KEY]);
    checkRowBytes(statSync(file).size / found.report.records.sent, rowBytes);
    keyed.push(costOf(found));
    const { rows, wallMs, cpuMs } = await readPass('csv-parse', part, warmUp);
    library.push({ perSecond: (rows * 1000) / wallMs, cpuUs: (cpuMs * 1000) / rows });
    if (randomKeys) random.push(costOf(await runKload(args)));
  }
  return [
    ...costFigures(`CSV of ${name} with keys, null target`, keyed),
    ...(randomKeys ? costFigures(`CSV of ${name}, random keys, null target`, random) : []),
    ...costFigures(`CSV of ${name}, csv-parse alone`, library),
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

/** @param {string} path @param {number} bytes @param {import('./support/recording.js').RecordingKind} kind */
async function makeFile(path, bytes, kind) {
  progress(`path: writing a recording of ${bytes / MIB} MiB`);
  await writeRecording(path, bytes, kind);
  return path;
}

/** Checks that the figures name the correct size of a row. @param {number} found @param {number} rowBytes */
function checkRowBytes(found, rowBytes) {
  if (Math.abs(found - rowBytes) <= ROW_BYTES_OFF) return;
  throw new BenchError(`a row of the recording has ${found.toFixed(1)} bytes on average, not ${rowBytes}`);
}

/** @typedef {{ perSecond: number, cpuUs: number }} Cost */

/** @returns {Cost[]} */
function noCosts() {
  return [];
}

/** @param {string} title @param {readonly Cost[]} costs */
function costFigures(title, costs) {
  return [
    figureOf(
      'path',
      title,
      'rows/s',
      costs.map(({ perSecond }) => perSecond),
    ),
    figureOf(
      'path',
      title,
      'CPU us a row',
      costs.map(({ cpuUs }) => cpuUs),
    ),
  ];
}

/**
 * @param {import('./support/kload.js').KloadRun} run @returns {Cost} with CPU time that includes the start of the
 * process
 */
function costOf({ report, cpuMs }) {
  return { perSecond: report.rps.achieved, cpuUs: (cpuMs * 1000) / report.records.sent };
}

/**
 * @param {{ name: string, bytes: number }} size
 * @param {number} seconds the duration of a run
 * @param {number} runs
 */
async function measureEmbedded({ name, bytes }, seconds, runs) {
  const to = ['--target', 'embedded', '--limits', 'off', '--shards', String(SHARDS), '--quiet'];
  const args = [...to, '--record-size', String(bytes)];
  const { report } = await runKload([...args, '--duration', '2s']);
  const count = Math.max(10_000, Math.round((report.rps.achieved * seconds) / 10_000) * 10_000);
  const kload = [];
  const loop = [];
  for (let run = 0; run < runs; run++) {
    progress(`path: records of ${name}, embedded, round ${run + 1} of ${runs}`);
    kload.push(costOf(await runKload([...args, '--count', String(count)])));
    loop.push(await putRecordLoop(bytes, seconds));
  }
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

/**
 * @param {number} bytes
 * @param {number} seconds
 * @returns {Promise<number>} records/s
 */
function putRecordLoop(bytes, seconds) {
  return withEmulator(['--limits', 'off', '--stream', `bench:${SHARDS}`], async (endpoint) => {
    let output = '';
    const args = [LOOP, endpoint, 'bench', String(bytes), String(seconds)];
    const child = startChild(process.execPath, args, {
      env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
      limitMs: LOOP_LIMIT_MS,
      onOutput: (text) => {
        output += text;
      },
    });
    const { code, tail } = await child.ended;
    const found = /^(\d+(?:\.\d+)?) records\/s$/m.exec(output)?.[1];
    if (code !== 0 || found === undefined) throw new BenchError(`the PutRecord loop ended with ${code}:\n${tail}`);
    return Number(found);
  });
}
