import { availableParallelism } from 'node:os';
import { type CodeOptions, environmentOfCode, givenByCode, listOf } from './config/code-options.js';
import { planRun } from './config/run-plan.js';
import type { LiveView } from './core/live.js';
import type { Report } from './core/report.js';
import { writeReports } from './output/write.js';
import { openPlannedRun } from './run/planned-run.js';

export { KloadError } from './core/errors.js';
export type { LiveView } from './core/live.js';
export type * from './core/report.js';
export type { RunConfig } from './core/run-config.js';

const PROGRESS_EVERY_MS = 1000;

/** The long flags of `kload run` in camelCase, and what only code can give. */
export interface RunOptions extends CodeOptions {
  /** Recordings to send. '-' is standard input; none: generated records. */
  readonly files?: string | readonly string[] | undefined;
  /** Ends the run: it stops reading, sends what was read for at most `drainTimeout`, and reports exit code 130. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the state of the run once a second. */
  readonly onProgress?: ((view: LiveView) => void) | undefined;
  /** Gets the lines that the command line prints to standard error: warnings, and what the run waits for. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/**
 * Does a run, as `kload run` does: prints nothing, handles no signals, reads no variables that stand for options.
 *
 * @returns the report, also of a run that failed: `report.outcome.exitCode` is 0 when all records were sent
 * @throws KloadError with `message`, `hint` and `exitCode` of the command line, when the run could not begin or a
 *   report could not be written
 */
export async function run(options: RunOptions = {}): Promise<Report> {
  const { files = [], signal, onProgress, onNotice, ...given } = options;
  signal?.throwIfAborted();
  const plan = planRun(givenByCode(given), listOf(files), environmentOfCode(process.env), availableParallelism());
  const { run: opened, reportFiles } = await openPlannedRun(plan, (text) => onNotice?.(text));
  const stop = () => opened.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  const progress = onProgress && setInterval(() => onProgress(opened.view()), PROGRESS_EVERY_MS);
  try {
    const report = await opened.execute();
    const [unwritten] = writeReports(reportFiles, report);
    if (unwritten !== undefined) throw unwritten;
    return report;
  } finally {
    clearInterval(progress);
    signal?.removeEventListener('abort', stop);
  }
}
