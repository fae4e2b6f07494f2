import { isatty } from 'node:tty';
import type { RunPlan } from '../config/run-plan.js';
import type { ScenarioPlan } from '../config/scenario-plan.js';
import { EXIT_CODES, messageOf } from '../core/errors.js';
import type { LiveOutputs } from '../output/live/live-outputs.js';
import { isStandardOutput } from '../output/standard-output.js';
import { readingText } from '../report/input-text.js';
import { ProgressLines } from '../report/progress-line.js';
import type { Notify } from '../run/planned-run.js';
import { type OpenedRun, openPlannedRun, openPlannedScenario, type PlannedRun } from '../run/planned-run.js';
import { obeysEscapes, writesUtf8 } from '../system/terminal.js';
import { startDashboard } from '../ui/dashboard.js';
import { printLines } from './print.js';
import { printReport } from './print-report.js';
import { Printing } from './printing.js';
import { onStopSignal } from './stop-signals.js';

const LINE_EVERY_MS = 1000;
/** The report lists the rest. */
const FILES_PRINTED = 20;

/** Executes a planned run and returns the exit code. */
export async function executeRun(plan: RunPlan): Promise<number> {
  return execute(plan, [plan], (notify) => openPlannedRun(plan, notify));
}

/** The same for a run of several loads. */
export async function executeScenario(plan: ScenarioPlan): Promise<number> {
  const plans = plan.loads.map((load) => load.plan);
  return execute(plan.common, plans, (notify) => openPlannedScenario(plan, notify));
}

/** @param loads the plans of all loads: of one, or of several that have `plan` in common */
async function execute(
  plan: RunPlan,
  loads: readonly RunPlan[],
  open: (notify: Notify) => Promise<PlannedRun>,
): Promise<number> {
  // Until the run is open there is nothing to drain or report.
  let stop = (): void => process.exit(EXIT_CODES.interrupted.code);
  const offSignals = onStopSignal(() => stop());
  const printing = new Printing(streamOf(plan));
  const notices = new Notices(plan.quiet);
  let liveOutputs: LiveOutputs | undefined;
  try {
    const planned = await open((text, kind) => notices.add(text, kind));
    const { run, reportFiles } = planned;
    liveOutputs = planned.liveOutputs;
    stop = () => run.stop();
    const display = await startDisplay(loads, run, printing.stream, notices);
    const ended = await run.execute().finally(() => display.stop());
    stop = () => liveOutputs?.stop();
    notices.release();
    const report = (await liveOutputs?.end(ended)) ?? ended;
    const exitCode = await printReport(report, reportFiles, printing);
    await liveOutputs?.linger();
    return exitCode;
  } finally {
    liveOutputs?.close();
    offSignals();
  }
}

/** Where the text of a run goes: a report on standard output has it to itself. */
function streamOf({ reports }: RunPlan): NodeJS.WriteStream {
  return reports.some(isStandardOutput) ? process.stderr : process.stdout;
}

/** Lines for standard error. While the dashboard has the terminal, they wait until it has gone. */
class Notices {
  readonly #quiet: boolean;
  #held: string[] | undefined;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  add(text: string, kind: 'warning' | 'note'): void {
    if (kind === 'note' && this.#quiet) return;
    if (this.#held === undefined) printLines(process.stderr, `kload: ${text}`);
    else this.#held.push(text);
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const text of held) printLines(process.stderr, `kload: ${text}`);
  }
}

interface Display {
  stop(): Promise<void>;
}

async function startDisplay(
  loads: readonly RunPlan[],
  current: OpenedRun,
  stream: NodeJS.WriteStream,
  notices: Notices,
): Promise<Display> {
  const plan = loads[0]!;
  if (plan.quiet) return { stop: async () => {} };
  // The dashboard draws on standard output.
  const mayShow = stream === process.stdout && loads.every(({ input }) => mayShowDashboard(input));
  if (!plan.dashboard || !mayShow) return startLines(plan, current, stream);
  let lines: Display | undefined;
  const failed = (error: unknown) => {
    printLines(process.stderr, `kload: the dashboard failed, and the run goes on without it: ${messageOf(error)}`);
    notices.release();
    lines = startLines(plan, current, stream);
  };
  if (process.stderr.isTTY) notices.hold();
  const dashboard = await startDashboard({ view: () => current.view(), controls: current, failed });
  return { stop: () => (lines ?? dashboard).stop() };
}

function startLines(plan: RunPlan, current: OpenedRun, stream: NodeJS.WriteStream): Display {
  const progress = new ProgressLines();
  const printFiles = filePrinter(current, plan.partitionKey !== undefined, stream);
  printFiles();
  const timer = setInterval(() => {
    printFiles();
    const view = current.view();
    if (view.phase !== 'starting') printLines(stream, ...progress.lines(view));
  }, LINE_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      printFiles();
    },
  };
}

/** Prints how each file is read as soon as that is known; for a pipe, that is with its first record. */
function filePrinter(current: OpenedRun, hasSharedKey: boolean, stream: NodeJS.WriteStream): () => void {
  let printed = 0;
  return () => {
    const { files } = current;
    for (; printed < files.length && printed < FILES_PRINTED; printed++) {
      const reading = files[printed]!;
      printLines(stream, `reading ${reading.file}: ${readingText(reading, hasSharedKey)}`);
    }
  };
}

/** Not while records are typed in: that needs the terminal's line mode and Ctrl-D. */
function mayShowDashboard(input: RunPlan['input']): boolean {
  const isTypedIn = isatty(0) && input.kind === 'files' && input.files.includes('-');
  return process.stdout.isTTY && obeysEscapes(process.env) && writesUtf8(process.env) && !isTypedIn;
}
