import type { RunPlan } from '../config/run-plan.js';
import { lengthOf, peakOf } from '../core/schedule-mode.js';
import { formatCount, formatDuration, formatRate, formatRecordRate } from '../core/units.js';
import { checkOutputFiles } from '../output/check-files.js';
import type { LiveOutputs } from '../output/live/live-outputs.js';
import type { MetricsPlan } from '../output/live/plan.js';
import { openReportFiles, type ReportFile } from '../output/write.js';
import { targetKind } from '../target/kinds.js';
import { openRun } from './open-run.js';
import type { Run } from './run.js';

/** How a rate file was read: 'rates.csv: 1,440 stages over 24h 00m, 0.50 to 5,000 records/s'. */
function rateFileText({ file, stages }: Extract<RunPlan['schedule'], { kind: 'stages' }>): string {
  const lowest = stages.reduce((low, { fromRps, toRps }) => Math.min(low, fromRps, toRps), Number.POSITIVE_INFINITY);
  const shape = `${formatCount(stages.length)} stage${stages.length === 1 ? '' : 's'} over ${formatDuration(lengthOf(stages))}`;
  return `${file}: ${shape}, ${formatRate(lowest)} to ${formatRecordRate(peakOf(stages))}`;
}

/** Called with lines for the user: warnings, what the run waits for, how it resumes. */
export type Notify = (text: string, kind: 'warning' | 'note') => void;

/** A run that is ready to execute, and where its results go. */
export interface PlannedRun {
  readonly run: Run;
  readonly reportFiles: readonly ReportFile[];
  /** Live metrics; undefined: the run has none. Its owner ends and closes it. */
  readonly liveOutputs: LiveOutputs | undefined;
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
  if (plan.schedule.kind === 'stages' && plan.schedule.file !== undefined) notify(rateFileText(plan.schedule), 'note');
  checkOutputFiles(plan.reports, plan.deadLetter, inputs, plan.checkpoint?.file);
  const reportFiles = await openReportFiles(plan.reports);
  const liveOutputs = plan.metrics && (await openLiveOutputs(plan.metrics, notify));
  try {
    const run = await openRun(plan, (text) => notify(text, 'note'), { signal });
    if (run.resumedText !== undefined) notify(run.resumedText, 'note');
    liveOutputs?.begin(() => run.figures());
    return { run, reportFiles, liveOutputs };
  } catch (error) {
    liveOutputs?.close();
    throw error;
  }
}

/** Loads the code only for a run that has live metrics. */
async function openLiveOutputs(plan: MetricsPlan, notify: Notify): Promise<LiveOutputs> {
  const { LiveOutputs } = await import('../output/live/live-outputs.js');
  return LiveOutputs.open(plan, notify);
}
