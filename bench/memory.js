import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from './support/errors.js';
import { figureOf } from './support/figures.js';
import { runKload } from './support/kload.js';
import { progress } from './support/progress.js';
import { writeRecording } from './support/recording.js';
import { pairRatios } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';

/** Does memory grow with the input? The peak of the whole process for a file and for one ten times as large. */

const MIB = 1024 * 1024;
const SPARE_BYTES = 256 * MIB;

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 3 }) {
  const sizes = smoke ? [20 * MIB, 200 * MIB] : [200 * MIB, 2048 * MIB];
  return withTempDir(async (directory) => {
    const files = [];
    for (const bytes of sizes) files.push(await makeFile(directory, bytes));
    /** @type {number[][]} */
    const peaks = files.map(() => []);
    for (let run = 0; run < runs; run++) {
      for (const [index, { name, path }] of files.entries()) {
        progress(`memory: ${name}, round ${run + 1} of ${runs}`);
        peaks[index]?.push(await peakMib(path));
      }
    }
    const [small = [], large = []] = peaks;
    return [
      ...files.map(({ name }, index) => figureOf('memory', `peak RSS, CSV of ${name}`, 'MiB', peaks[index] ?? [])),
      figureOf('memory', `peak RSS, ${files[1]?.name} / ${files[0]?.name}`, 'ratio', pairRatios(large, small)),
    ];
  });
}

/** @param {string} directory @param {number} bytes */
async function makeFile(directory, bytes) {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < bytes + SPARE_BYTES) {
    throw new BenchError(`${directory} has no room for a file of ${bytes / MIB} MiB: set TMPDIR to where there is`);
  }
  const name = `${bytes / MIB} MiB`;
  progress(`memory: writing a recording of ${name}`);
  const path = join(directory, `recording-${bytes / MIB}.csv`);
  await writeRecording(path, bytes);
  return { name, path };
}

/** @param {string} path */
async function peakMib(path) {
  const { report, peakRssKib } = await runKload([path, '--target', 'null', '--quiet']);
  if (peakRssKib === null) throw new BenchError('the memory bench reads VmHWM from /proc: it runs on Linux only');
  if (report.bytes.sent === 0 || report.records.sent < statSync(path).size / 1000) {
    throw new BenchError(`kload sent only ${report.records.sent} records of ${path}`);
  }
  return peakRssKib / 1024;
}
