import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.js';
import { BenchError } from './errors.js';
import { withTempDir } from './temp-dir.js';

const COUNTED_RUN = fileURLToPath(new URL('counted-run.js', import.meta.url));
const RUN_LIMIT_MS = 10 * 60_000;

/**
 * Runs kload to the null target and counts the records offered in each tenth of a second.
 * @param {Readonly<Record<string, string>>} options of `kload run`, by their names in the code
 * @returns {Promise<{ report: import('../../dist/src/core/report.js').Report, slices: number[] }>}
 */
export function slicedRun(options) {
  return withTempDir(async (directory) => {
    const [reportFile, slicesFile] = [join(directory, 'report.json'), join(directory, 'slices.json')];
    const child = startChild(process.execPath, [COUNTED_RUN, JSON.stringify(options), reportFile], {
      env: { KLOAD_BENCH_SLICES: slicesFile },
      limitMs: RUN_LIMIT_MS,
    });
    const { code, tail } = await child.ended;
    if (code !== 0) throw new BenchError(`the run with ${JSON.stringify(options)} ended with ${code}:\n${tail}`);
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    const slices = /** @type {number[]} */ (JSON.parse(readFileSync(slicesFile, 'utf8')));
    const offered = slices.reduce((sum, records) => sum + records, 0);
    const { read, sent } = report.records;
    if (sent !== read || offered !== sent) throw new BenchError(`${read} read, ${sent} sent, ${offered} counted`);
    return { report, slices };
  });
}
