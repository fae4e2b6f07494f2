import type { RunPlan } from '../config/run-plan.js';
import { checkOutputFiles } from '../output/check-files.js';
import { openReportFiles, type ReportFile } from '../output/write.js';
import { targetKind } from '../target/kinds.js';
import { openRun } from './open-run.js';
import type { Run } from './run.js';

/** Called with lines for the user: warnings, what the run waits for, how it resumes. */
export type Notify = (text: string, kind: 'warning' | 'note') => void;

/** A run that is ready to execute, and the files that its report goes to. */
export interface PlannedRun {
  readonly run: Run;
  readonly reportFiles: readonly ReportFile[];
}

/**
 * Checks a run's output files and opens the run, for the command line and for the package's `run` function.
 *
 * @param signal ends the opening, which then rejects with its reason
 * @throws KloadError for anything that is wrong. Nothing was sent then
 */
export async function openPlannedRun(plan: RunPlan, notify: Notify, signal?: AbortSignal): Promise<PlannedRun> {
  const inputs = plan.input.kind === 'files' ? plan.input.files : [];
  const warning = targetKind(plan.target.kind).warning(plan.target);
  if (warning !== undefined) notify(warning, 'warning');
  checkOutputFiles(plan.reports, plan.deadLetter, inputs, plan.checkpoint?.file);
  const reportFiles = await openReportFiles(plan.reports);
  const run = await openRun(plan, (text) => notify(text, 'note'), { signal });
  if (run.resumedText !== undefined) notify(run.resumedText, 'note');
  return { run, reportFiles };
}
