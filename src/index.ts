import { availableParallelism } from 'node:os';
import { type CodeOptions, environmentOfCode, givenByCode, texts } from './config/code-options.js';
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
  /**
   * Ends the run: it stops reading, sends what was read for at most `drainTimeout`, and reports exit code 130. Before
   * the run has begun, `run` rejects with the signal's reason.
   */
  readonly signal?: AbortSignal | undefined;
  /** Gets the state of the run once a second. If it throws, the run ends and rejects with its error. */
  readonly onProgress?: ((view: LiveView) => void) | undefined;
  /**
   * Gets the lines that the command line prints to standard error: warnings, and what the run waits for. If it throws,
   * the run ends, too.
   */
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
  const inputs = texts('files', files);
  const plan = planRun(givenByCode(given), inputs, environmentOfCode(process.env), availableParallelism());
  const callbacks = new Callbacks();
  const notify = (text: string) => callbacks.call(() => onNotice?.(text));
  const { run: opened, reportFiles, liveOutputs } = await openPlannedRun(plan, notify, signal);
  let hasEnded = false;
  const stop = () => (hasEnded ? liveOutputs?.stop() : opened.stop());
  callbacks.onError(stop);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  const tell = () => callbacks.call(() => onProgress?.(opened.view()));
  const progress = onProgress && setInterval(tell, PROGRESS_EVERY_MS);
  try {
    const ended = await opened.execute();
    hasEnded = true;
    const report = (await liveOutputs?.end(ended)) ?? ended;
    const [unwritten] = await writeReports(reportFiles, report);
    // Whoever asked for the end does not wait for more.
    if (!signal?.aborted) await liveOutputs?.linger();
    callbacks.throwIfFailed();
    if (unwritten !== undefined) throw unwritten;
    return report;
  } finally {
    liveOutputs?.close();
    clearInterval(progress);
    signal?.removeEventListener('abort', stop);
    // A read that is still pending must not keep the process alive.
    if (inputs.includes('-')) process.stdin.unref?.();
  }
}

/**
 * Calls the functions that the caller gave. One that throws ends the run, and not the process, as it would from a
 * timer. The others are not called any more.
 */
class Callbacks {
  #failure: { readonly error: unknown } | undefined;
  #listener: () => void = () => {};

  call(callback: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      callback();
    } catch (error) {
      this.#failure = { error };
      this.#listener();
    }
  }

  /** Calls the listener at the first error, at once if it was before. */
  onError(listener: () => void): void {
    this.#listener = listener;
    if (this.#failure !== undefined) listener();
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
