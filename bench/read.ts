import { join } from 'node:path';
import { BenchError } from './support/errors.js';
import { figureOf } from './support/figures.js';
import { progress } from './support/progress.js';
import { readPass } from './support/read.js';
import { NDJSON, PLAIN_CSV, QUOTED_CSV, writeRecording } from './support/recording.js';
import { pairRatios } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';

/** What does it cost kload to read a row, and what does it cost a library? */

const MIB = 1024 * 1024;

/**
 * A comparison of two readers on the same file.
 * @typedef {object} Question
 * @property {string} name
 * @property {string} file
 * @property {import('./support/recording.js').RecordingKind} kind
 * @property {string} own kload's reader
 * @property {string} other
 * @property {'cpuMs' | 'wallMs'} by processor time of all threads; for gzip, with two threads at once, elapsed time
 */

/** @type {readonly Question[]} */
const QUESTIONS = [
  { name: 'CSV, quoted', file: 'quoted.csv', kind: QUOTED_CSV, own: 'csv', other: 'csv-parse', by: 'cpuMs' },
  { name: 'CSV, not quoted', file: 'plain.csv', kind: PLAIN_CSV, own: 'csv', other: 'csv-parse', by: 'cpuMs' },
  { name: 'NDJSON', file: 'a.ndjson', kind: NDJSON, own: 'ndjson', other: 'readline + JSON.parse', by: 'cpuMs' },
  {
    name: 'NDJSON, timed',
    file: 'a.ndjson',
    kind: NDJSON,
    own: 'ndjson, timed',
    other: 'readline + JSON.parse',
    by: 'cpuMs',
  },
  { name: 'CSV, gzip', file: 'quoted.csv.gz', kind: QUOTED_CSV, own: 'csv', other: 'inflate', by: 'wallMs' },
  { name: 'NDJSON, gzip', file: 'a.ndjson.gz', kind: NDJSON, own: 'ndjson', other: 'inflate', by: 'wallMs' },
  {
    name: 'NDJSON, gzip against its limit',
    file: 'a.ndjson.gz',
    kind: NDJSON,
    own: 'ndjson',
    other: 'inflate in large chunks',
    by: 'wallMs',
  },
];

/** @typedef {import('./support/read.js').Pass} Pass */

/** @param {import('./run.js').BenchOptions} options */
export function measure({ smoke, runs = smoke ? 1 : 5 }) {
  const bytes = smoke ? 4 * MIB : 64 * MIB;
  return withTempDir(async (directory) => {
    const figures = [];
    for (const question of QUESTIONS) figures.push(...(await sideBySide(question, directory, bytes, runs)));
    return figures;
  });
}

/**
 * @param {Question} question
 * @param {string} directory
 * @param {number} bytes
 * @param {number} runs
 */
async function sideBySide({ name, file, kind, own, other, by }, directory, bytes, runs) {
  const path = join(directory, file);
  const warmUp = join(directory, `warm-up-${file}`);
  await writeRecording(path, bytes, kind);
  await writeRecording(warmUp, bytes / 8, kind);
  /** @type {{ own: Pass[], other: Pass[] }} */
  const passes = { own: [], other: [] };
  for (let run = 0; run < runs; run++) {
    progress(`read: ${name}, round ${run + 1} of ${runs}`);
    const sides = /** @type {const} */ (run % 2 === 0 ? ['own', 'other'] : ['other', 'own']);
    for (const side of sides) passes[side].push(await readPass(side === 'own' ? own : other, path, warmUp));
  }
  const [found] = passes.own;
  const [also] = passes.other;
  if (found === undefined || also === undefined) throw new BenchError('nothing was read');
  if (also.rows > 0 && (also.rows !== found.rows || also.keyBytes !== found.keyBytes)) {
    throw new BenchError(`${name}: kload found ${found.rows} rows, ${other} ${also.rows}, or other keys`);
  }
  const nanoseconds = (/** @type {Pass[]} */ all) => all.map((pass) => (pass[by] * 1e6) / found.rows);
  const unit = by === 'cpuMs' ? 'CPU ns a row' : 'ns a row';
  return [
    figureOf('read', `${name}: kload`, unit, nanoseconds(passes.own)),
    figureOf('read', `${name}: ${other}`, unit, nanoseconds(passes.other)),
    figureOf(
      'read',
      `${name}: times as fast as ${other}`,
      'ratio',
      pairRatios(nanoseconds(passes.other), nanoseconds(passes.own)),
    ),
  ];
}
