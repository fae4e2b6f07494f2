import type { ReportPlan } from '../config/report-plan.js';
import { EXIT_CODES } from '../core/errors.js';
import { checkOutputFiles } from '../output/check-files.js';
import { openReportFiles, writeReports } from '../output/write.js';
import { readReport } from '../report/read-report.js';
import { summary } from '../report/summary.js';
import { reportError } from './errors.js';
import { Printing } from './printing.js';

/** Writes a report in other forms, or prints its summary, and returns the exit code: 0, however the run ended. */
export async function executeReport({ file, outputs }: ReportPlan): Promise<number> {
  checkOutputFiles(outputs, undefined, [file], undefined, '--out');
  const files = await openReportFiles(outputs, '--out');
  const report = await readReport(file);
  let exitCode: number = EXIT_CODES.ok.code;
  if (outputs.length === 0) await new Printing(process.stdout).end(`${summary(report)}\n`);
  for (const error of await writeReports(files, report)) exitCode = reportError(error);
  return exitCode;
}
