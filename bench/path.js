import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './support/child.js';
import { BenchError } from './support/errors.js';
import { figureOf } from './support/figures.js';
import { runKload, withEmulator } from './support/kload.js';
import { progress } from './support/progress.js';
import { readPass } from './support/read.js';
import { QUOTED_CSV, writeRecording } from './support/recording.js';
import { median, pairRatios } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';

/**
 * How fast is the whole way of a record? A recording to the null target, beside a library that only parses it; and to the
 * embedded emulator, beside the usual sample script, one awaited PutRecord a record.
 */

const MIB = 1024 * 1024;
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
  const figures = await withTempDir((directory) => measureFile(directory, smoke ? 20 * MIB : 600 * MIB, runs));
  for (const size of smoke ? SIZES.slice(0, 1) : SIZES) {
    figures.push(...(await measureEmbedded(size, smoke ? 1.5 : 4.5, runs)));
  }
  return figures;
}

/**
 * @param {string} directory
 * @param {number} bytes
 * @param {number} runs
 */
async function measureFile(directory, bytes, runs) {
  const [file, warmUp] = [join(directory, 'big.csv'), join(directory, 'warm-up.csv')];
  progress(`path: writing a recording of ${bytes / MIB} MiB`);
  await writeRecording(file, bytes, QUOTED_CSV);
  await writeRecording(warmUp, MIB, QUOTED_CSV);
  const keyed = [];
  const random = [];
  const library = [];
  for (let run = 0; run < runs; run++) {
    progress(`path: CSV to the null target, round ${run + 1} of ${runs}`);
    const args = [file, '--target', 'null', '--quiet'];
    keyed.push(costOf(await runKload([...args, ...KEY])));
    const { rows, wallMs, cpuMs } = await readPass('csv-parse', file, warmUp);
    library.push({ perSecond: (rows * 1000) / wallMs, cpuUs: (cpuMs * 1000) / rows });
    random.push(costOf(await runKload(args)));
  }
  const of = (/** @type {Cost[]} */ costs, /** @type {keyof Cost} */ what) => costs.map((cost) => cost[what]);
  return [
    figureOf('path', 'CSV of 150 B rows with keys, null target', 'rows/s', of(keyed, 'perSecond')),
    figureOf('path', 'CSV of 150 B rows with keys, null target', 'CPU us a row', of(keyed, 'cpuUs')),
    figureOf('path', 'CSV of 150 B rows, random keys, null target', 'rows/s', of(random, 'perSecond')),
    figureOf('path', 'CSV of 150 B rows, random keys, null target', 'CPU us a row', of(random, 'cpuUs')),
    figureOf('path', 'the same rows, csv-parse alone', 'rows/s', of(library, 'perSecond')),
    figureOf('path', 'the same rows, csv-parse alone', 'CPU us a row', of(library, 'cpuUs')),
    figureOf(
      'path',
      'CSV with keys to the null target / csv-parse alone: rows/s',
      'ratio',
      pairRatios(of(keyed, 'perSecond'), of(library, 'perSecond')),
    ),
  ];
}

/** @typedef {{ perSecond: number, cpuUs: number }} Cost */

/** @param {import('./support/kload.js').KloadRun} run @returns {Cost} the start of the process is part of the CPU time */
function costOf({ report, cpuMs }) {
  return { perSecond: report.rps.achieved, cpuUs: (cpuMs * 1000) / report.records.sent };
}

/**
 * @param {{ name: string, bytes: number }} size
 * @param {number} seconds that a run should take
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
