import type { NamedReport } from '../merge/check-parts.js';
import { mergeParts } from '../merge/merge.js';
import { checkOutputFiles } from '../output/check-files.js';
import { isStandardOutput } from '../output/standard-output.js';
import { openReportFiles } from '../output/write.js';
import { readReport } from '../report/read-report.js';
import { printLines } from './print.js';
import { printReport } from './print-report.js';
import { Printing } from './printing.js';

/** What `kload merge` is asked for. */
export interface MergePlan {
  /** JSON reports of the parts. */
  readonly files: readonly string[];
  readonly reports: readonly string[];
  readonly allowMissing: boolean;
}

/** Merges the reports of parts, and returns the exit code of the whole run. */
export async function executeMerge({ files, reports, allowMissing }: MergePlan): Promise<number> {
  checkOutputFiles(reports, undefined, files);
  const outputs = await openReportFiles(reports);
  const named: NamedReport[] = [];
  for (const file of files) named.push({ file, report: await readReport(file) });
  const { report, notices } = mergeParts(named, allowMissing);
  printLines(process.stderr, ...notices.map((text) => `kload: ${text}`));
  const printing = new Printing(reports.some(isStandardOutput) ? process.stderr : process.stdout);
  return printReport(report, outputs, printing);
}
