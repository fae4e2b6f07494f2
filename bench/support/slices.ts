import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '#dist/src/core/report.js';
import { outputOf } from './child.js';
import { BenchError } from './errors.js';
import { programFile } from './files.js';
import { withTempDir } from './temp-dir.js';

const COUNTED_RUN = programFile('counted-run');
const RUN_LIMIT_MS = 10 * 60_000;

/**
 * Runs kload to the null target and counts the records offered in each tenth of a second.
 *
 * @param options of `kload run`, by their names in the code
 */
export function slicedRun(options: Readonly<Record<string, string>>): Promise<{ report: Report; slices: number[] }> {
  return withTempDir(async (directory) => {
    const [reportFile, slicesFile] = [join(directory, 'report.json'), join(directory, 'slices.json')];
    await outputOf({
      name: `the run with ${JSON.stringify(options)}`,
      args: [COUNTED_RUN, JSON.stringify(options), reportFile],
      env: { KLOAD_BENCH_SLICES: slicesFile },
      limitMs: RUN_LIMIT_MS,
    });
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
    const slices = JSON.parse(readFileSync(slicesFile, 'utf8')) as number[];
    const offered = slices.reduce((sum, records) => sum + records, 0);
    const { read, sent } = report.records;
    if (sent !== read || offered !== sent) throw new BenchError(`${read} read, ${sent} sent, ${offered} counted`);
    return { report, slices };
  });
}
