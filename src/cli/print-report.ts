import { EXIT_CODES } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { type ReportFile, writeReports } from '../output/write.js';
import { summary } from '../report/summary.js';
import { printError, reportError } from './errors.js';
import type { Printing } from './printing.js';

/** Prints the summary of a report, writes its files, and returns the exit code. */
export async function printReport(report: Report, files: readonly ReportFile[], printing: Printing): Promise<number> {
  let outputCode: number = EXIT_CODES.ok.code;
  try {
    await printing.end(`${summary(report)}\n`);
  } catch (error) {
    outputCode = reportError(error);
  }
  const { exitCode, reason, hint } = report.outcome;
  const isExpected = exitCode === EXIT_CODES.ok.code || exitCode === EXIT_CODES.interrupted.code;
  if (reason !== null && !isExpected) printError(reason, hint);
  for (const error of await writeReports(files, report)) outputCode = reportError(error);
  // A verdict that could not be written is worse than a bad one.
  const isVerdict = exitCode === EXIT_CODES.ok.code || exitCode === EXIT_CODES.threshold.code;
  return isVerdict && outputCode !== EXIT_CODES.ok.code ? outputCode : exitCode;
}
