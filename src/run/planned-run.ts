import type { RunPlan } from '../config/run-plan.js';
import type { ScenarioPlan } from '../config/scenario-plan.js';
import { KloadError } from '../core/errors.js';
import type { LiveView, RunControls } from '../core/live.js';
import type { FileReading, Report } from '../core/report.js';
import { lengthOf, peakOf } from '../core/schedule-mode.js';
import { formatCount, formatDuration, formatRate, formatRecordRate } from '../core/units.js';
import { checkOutputFiles } from '../output/check-files.js';
import type { LiveOutputs } from '../output/live/live-outputs.js';
import type { MetricsPlan } from '../output/live/plan.js';
import { openReportFiles, type ReportFile } from '../output/write.js';
import { targetKind } from '../target/kinds.js';
import { openRun } from './open-run.js';
import { openScenario } from './scenario/open-scenario.js';

/** How a rate file was read: 'rates.csv: 1,440 stages over 24h 00m, 0.50 to 5,000 records/s'. */
function rateFileText({ file, stages }: Extract<RunPlan['schedule'], { kind: 'stages' }>): string {
  const lowest = stages.reduce((low, { fromRps, toRps }) => Math.min(low, fromRps, toRps), Number.POSITIVE_INFINITY);
  const shape = `${formatCount(stages.length)} stage${stages.length === 1 ? '' : 's'} over ${formatDuration(lengthOf(stages))}`;
  return `${file}: ${shape}, ${formatRate(lowest)} to ${formatRecordRate(peakOf(stages))}`;
}

/** Called with lines for the user: warnings, what the run waits for, how it resumes. */
export type Notify = (text: string, kind: 'warning' | 'note') => void;

/** A run of one load or of several, ready to execute. */
export interface OpenedRun extends RunControls {
  execute(): Promise<Report>;
  view(): LiveView;
  readonly files: readonly FileReading[];
}

/** A run that is ready to execute, and where its results go. */
export interface PlannedRun {
  readonly run: OpenedRun;
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
  const inputs = inputFilesOf(plan);
  notifyOfPlan(plan, notify);
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

/** The same for a run of several loads: an error names the load. */
export async function openPlannedScenario(
  plan: ScenarioPlan,
  notify: Notify,
  signal?: AbortSignal,
): Promise<PlannedRun> {
  const { reports } = plan.common;
  const inputs = plan.loads.flatMap((load) => inputFilesOf(load.plan));
  if (inputs.filter((file) => file === '-').length > 1) {
    throw new KloadError(
      'usage',
      'two loads read standard input',
      "let one of them read '-', and name a file for the other",
    );
  }
  for (const load of plan.loads) {
    notifyOfPlan(load.plan, (text, kind) => notify(`load '${load.name}': ${text}`, kind));
    checkOutputFiles([], load.plan.deadLetter, inputs);
  }
  const deadLetters = plan.loads.flatMap(({ plan: { deadLetter } }) => deadLetter ?? []);
  checkOutputFiles(reports, undefined, [...inputs, ...deadLetters]);
  const reportFiles = await openReportFiles(reports);
  const run = await openScenario(plan, (text) => notify(text, 'note'), signal);
  return { run, reportFiles, liveOutputs: undefined };
}

function inputFilesOf({ input }: RunPlan): readonly string[] {
  return input.kind === 'files' ? input.files : [];
}

function notifyOfPlan({ target, schedule }: RunPlan, notify: Notify): void {
  const warning = targetKind(target.kind).warning(target);
  if (warning !== undefined) notify(warning, 'warning');
  if (schedule.kind === 'stages' && schedule.file !== undefined) notify(rateFileText(schedule), 'note');
}

/** Loads the code only for a run that has live metrics. */
async function openLiveOutputs(plan: MetricsPlan, notify: Notify): Promise<LiveOutputs> {
  const { LiveOutputs } = await import('../output/live/live-outputs.js');
  return LiveOutputs.open(plan, notify);
}
