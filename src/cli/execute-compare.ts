import { compareReports, type NamedReport } from '../compare/compare.js';
import { EXIT_CODES } from '../core/errors.js';
import { checkOutputFiles } from '../output/check-files.js';
import { openComparisonFiles } from '../output/comparison/renderers.js';
import { comparisonLines } from '../output/comparison/text.js';
import { writeReports } from '../output/write.js';
import { readReport } from '../report/read-report.js';
import { printError, reportError } from './errors.js';
import type { ComparePlan } from './plan-compare.js';
import { printLines } from './print.js';

/** Compares reports, and returns the exit code. */
export async function executeCompare(plan: ComparePlan): Promise<number> {
  checkOutputFiles(plan.out, undefined, [...plan.base, ...plan.new], undefined, '--out');
  const outputs = await openComparisonFiles(plan.out);
  const read = async (file: string): Promise<NamedReport> => ({ file, report: await readReport(file) });
  const reports = {
    base: await Promise.all(plan.base.map(read)),
    new: await Promise.all(plan.new.map(read)),
  };
  const comparison = compareReports(reports, plan);
  printLines(process.stdout, ...comparisonLines(comparison));
  const failed = comparison.gates.filter(({ ok }) => !ok);
  for (const { state, failIf, got } of failed) {
    printError(`${state === 'shown' ? 'crossed' : state}: ${failIf}: ${got}`, null);
  }
  let exitCode: number = failed.length > 0 ? EXIT_CODES.threshold.code : EXIT_CODES.ok.code;
  const compared = {
    comparison,
    base: reports.base.map(({ report }) => report),
    new: reports.new.map(({ report }) => report),
  };
  for (const error of await writeReports(outputs, compared)) exitCode = reportError(error);
  return exitCode;
}
