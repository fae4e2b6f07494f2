import { join } from 'node:path';
import type { Pass } from './programs/read-pass.js';
import { BenchError } from './support/errors.js';
import { type Figure, figureOf } from './support/figures.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';
import { readPass } from './support/read.js';
import { NDJSON, PLAIN_CSV, QUOTED_CSV, type RecordingKind, writeRecording } from './support/recording.js';
import { MIB } from './support/sizes.js';
import { pairRatios } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';

/** What does it cost kload to read a row, and what does it cost a library? */

/** A comparison of two readers on the same file. */
interface Question {
  readonly name: string;
  readonly file: string;
  readonly kind: RecordingKind;
  /** kload's reader. */
  readonly own: string;
  readonly other: string;
  /** By processor time of all threads; for gzip, with two threads at once, by elapsed time. */
  readonly by: 'cpuMs' | 'wallMs';
}

const QUESTIONS: readonly Question[] = [
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

export function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const bytes = smoke ? 4 * MIB : 64 * MIB;
  return withTempDir(async (directory) => {
    const figures: Figure[] = [];
    for (const question of QUESTIONS) figures.push(...(await sideBySide(question, directory, bytes, runs)));
    return figures;
  });
}

async function sideBySide(
  { name, file, kind, own, other, by }: Question,
  directory: string,
  bytes: number,
  runs: number,
): Promise<Figure[]> {
  const path = join(directory, file);
  const warmUp = join(directory, `warm-up-${file}`);
  await writeRecording(path, bytes, kind);
  await writeRecording(warmUp, bytes / 8, kind);
  const ours = { reader: own, passes: [] as Pass[] };
  const theirs = { reader: other, passes: [] as Pass[] };
  await inRounds(runs, `read: ${name}`, async (run) => {
    for (const { reader, passes } of run % 2 === 0 ? [ours, theirs] : [theirs, ours]) {
      passes.push(await readPass(reader, path, warmUp));
    }
  });
  const [found] = ours.passes;
  const [also] = theirs.passes;
  if (found === undefined || also === undefined) throw new BenchError('nothing was read');
  if (also.rows > 0 && (also.rows !== found.rows || also.keyBytes !== found.keyBytes)) {
    throw new BenchError(`${name}: kload found ${found.rows} rows, ${other} ${also.rows}, or other keys`);
  }
  const [ownNs = [], otherNs = []] = [ours, theirs].map(({ passes }) =>
    passes.map((pass) => (pass[by] * 1e6) / found.rows),
  );
  const unit = by === 'cpuMs' ? 'CPU ns a row' : 'ns a row';
  return [
    figureOf('read', `${name}: kload`, unit, ownNs),
    figureOf('read', `${name}: ${other}`, unit, otherNs),
    figureOf('read', `${name}: times as fast as ${other}`, 'ratio', pairRatios(otherNs, ownNs)),
  ];
}
