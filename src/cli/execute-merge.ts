import { EXIT_CODES } from '../core/errors.js';
import type { NamedReport } from '../merge/check-parts.js';
import { mergeParts } from '../merge/merge.js';
import { checkOutputFiles } from '../output/check-files.js';
import { isStandardOutput } from '../output/standard-output.js';
import { openReportFiles, writeReports } from '../output/write.js';
import { readReport } from '../report/read-report.js';
import { summary } from '../report/summary.js';
import { printError, reportError } from './errors.js';
import { printLines } from './print.js';
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
  let outputCode: number = EXIT_CODES.ok.code;
  try {
    await printing.end(`${summary(report)}\n`);
  } catch (error) {
    outputCode = reportError(error);
  }
  const { exitCode, reason, hint } = report.outcome;
  if (exitCode !== EXIT_CODES.ok.code && reason !== null) printError(reason, hint);
  for (const error of await writeReports(outputs, report)) outputCode = reportError(error);
  // A verdict that could not be written is worse than a bad one.
  const isVerdict = exitCode === EXIT_CODES.ok.code || exitCode === EXIT_CODES.threshold.code;
  return isVerdict && outputCode !== EXIT_CODES.ok.code ? outputCode : exitCode;
}
