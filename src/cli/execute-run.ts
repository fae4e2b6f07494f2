import { isatty } from 'node:tty';
import type { RunPlan } from '../config/run-plan.js';
import { EXIT_CODES, KloadError, messageOf } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { type ReportFile, writeReports } from '../output/write.js';
import { readingText } from '../report/input-text.js';
import { ProgressLines } from '../report/progress-line.js';
import { summary } from '../report/summary.js';
import { openPlannedRun } from '../run/planned-run.js';
import type { Run } from '../run/run.js';
import { obeysEscapes, writesUtf8 } from '../system/terminal.js';
import { startDashboard } from '../ui/dashboard.js';
import { printError, reportError } from './errors.js';
import { printLines } from './print.js';
import { onStopSignal } from './stop-signals.js';

const LINE_EVERY_MS = 1000;
/** The report lists the rest. */
const FILES_PRINTED = 20;

/** Executes a planned run and returns the exit code. */
export async function executeRun(plan: RunPlan): Promise<number> {
  let current: Run | undefined;
  // Until the run is open there is nothing to drain or report.
  const stop = () => (current === undefined ? process.exit(EXIT_CODES.interrupted.code) : current.stop());
  const offSignals = onStopSignal(stop);
  const printing = new Printing();
  try {
    const { run, reportFiles } = await openPlannedRun(plan, (text, kind) => {
      if (kind === 'warning' || !plan.quiet) printLines(process.stderr, `kload: ${text}`);
    });
    current = run;
    const display = await startDisplay(plan, run);
    const report = await run.execute().finally(() => display.stop());
    return await printReport(report, reportFiles, printing);
  } finally {
    offSignals();
  }
}

/** Watches standard output. If it fails, the run continues and reports the error at its end. */
class Printing {
  #error: NodeJS.ErrnoException | null | undefined;

  constructor() {
    process.stdout.on('error', (error) => this.#note(error));
    process.stderr.on('error', () => {});
  }

  /** Prints the last text. Throws a KloadError (output) if any output was lost, unless the reader left (`| head`). */
  async end(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      process.stdout.write(text, (error) => {
        this.#note(error);
        resolve();
      });
    });
    if (this.#error == null || this.#error.code === 'EPIPE') return;
    const hint = 'write the results to a file with --report';
    throw new KloadError('output', `standard output cannot be written: ${messageOf(this.#error)}`, hint);
  }

  #note(error: NodeJS.ErrnoException | null | undefined): void {
    this.#error ??= error;
  }
}

interface Display {
  stop(): Promise<void>;
}

async function startDisplay(plan: RunPlan, current: Run): Promise<Display> {
  if (plan.quiet) return { stop: async () => {} };
  if (!plan.dashboard || !mayShowDashboard(plan.input)) return startLines(plan, current);
  let lines: Display | undefined;
  const failed = (error: unknown) => {
    printLines(process.stderr, `kload: the dashboard failed, and the run goes on without it: ${messageOf(error)}`);
    lines = startLines(plan, current);
  };
  const dashboard = await startDashboard({ view: () => current.view(), controls: current, failed });
  return { stop: () => (lines ?? dashboard).stop() };
}

function startLines(plan: RunPlan, current: Run): Display {
  const progress = new ProgressLines();
  const printFiles = filePrinter(current, plan.partitionKey !== undefined);
  printFiles();
  const timer = setInterval(() => {
    printFiles();
    const view = current.view();
    if (view.phase !== 'starting') printLines(process.stdout, ...progress.lines(view));
  }, LINE_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      printFiles();
    },
  };
}

/** Prints how each file is read as soon as that is known; for a pipe, that is with its first record. */
function filePrinter(current: Run, hasSharedKey: boolean): () => void {
  let printed = 0;
  return () => {
    const { files } = current;
    for (; printed < files.length && printed < FILES_PRINTED; printed++) {
      const reading = files[printed]!;
      printLines(process.stdout, `reading ${reading.file}: ${readingText(reading, hasSharedKey)}`);
    }
  };
}

/** Not while records are typed in: that needs the terminal's line mode and Ctrl-D. */
function mayShowDashboard(input: RunPlan['input']): boolean {
  const isTypedIn = isatty(0) && input.kind === 'files' && input.files.includes('-');
  return process.stdout.isTTY && obeysEscapes(process.env) && writesUtf8(process.env) && !isTypedIn;
}

async function printReport(report: Report, files: readonly ReportFile[], printing: Printing): Promise<number> {
  let outputCode: number = EXIT_CODES.ok.code;
  try {
    await printing.end(`${summary(report)}\n`);
  } catch (error) {
    outputCode = reportError(error);
  }
  const { exitCode, reason, hint } = report.outcome;
  const isExpected = exitCode === EXIT_CODES.ok.code || exitCode === EXIT_CODES.interrupted.code;
  if (reason !== null && !isExpected) printError(reason, hint);
  for (const error of writeReports(files, report)) outputCode = reportError(error);
  // A verdict that could not be written is worse than a bad one.
  const isVerdict = exitCode === EXIT_CODES.ok.code || exitCode === EXIT_CODES.threshold.code;
  return isVerdict && outputCode !== EXIT_CODES.ok.code ? outputCode : exitCode;
}
