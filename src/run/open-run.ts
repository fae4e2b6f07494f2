import type { RunPlan } from '../config/run-plan.js';
import { offsetWarning } from '../core/clock-offset.js';
import type { OpenTarget } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import { DeadLetterFile } from './checkpoint/dead-letter-file.js';
import { checkTarget, type OpenCheckpoint, openCheckpoint, withoutLaterLines } from './checkpoint/open-checkpoint.js';
import { SenderThreads } from './feed/sender-threads.js';
import { WorkerPool } from './feed/worker-pool.js';
import { madeFromFiles, madeRecordsOf } from './made-records.js';
import { openInput } from './open-input.js';
import { runIdOf } from './part/run-id.js';
import { type LoadLinks, Run } from './run.js';
import { RunTime } from './run-time.js';

export interface OpenRunOptions {
  /** Ends the opening, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The module that the worker threads run; by default kload's own sender. */
  readonly workerModule?: string;
  /** A target that is open already, and stays open when the run ends; by default the run opens its own. */
  readonly target?: OpenTarget;
  /** For one of several loads: the threads that they share, what ties it to the others, and the time of them all. */
  readonly load?: { readonly threads: SenderThreads; readonly links: LoadLinks; readonly time: RunTime };
}

/**
 * Opens everything that a run needs: checkpoint, input, target, dead-letter file and workers.
 *
 * @param onWait called with a sentence about what kload is waiting for
 * @throws KloadError if any of these cannot be opened; nothing was sent then
 */
export async function openRun(
  plan: RunPlan,
  onWait: (text: string) => void,
  { signal, workerModule, target: shared, load }: OpenRunOptions = {},
): Promise<Run> {
  const time = load?.time ?? new RunTime(plan.maxTimeMs, signal);
  const inputs = plan.input.kind === 'files' ? plan.input.files : madeFromFiles(plan);
  let checkpoint: OpenCheckpoint | undefined;
  let deadLetters: DeadLetterFile | undefined;
  let target: OpenTarget | undefined;
  try {
    if (plan.checkpoint !== undefined) checkpoint = await openCheckpoint(plan.checkpoint, inputs, plan.count);
    const input = await time.limit(openInput(plan), 'input', 'the input could be read');
    target = shared === undefined ? await openTarget(plan, onWait, time) : { ...shared, close: async () => {} };
    const skew = plan.part && target.clock ? offsetWarning(target.clock) : undefined;
    if (skew !== undefined) onWait(skew);
    const made = await madeRecordsOf(plan, target);
    if (checkpoint !== undefined) {
      checkTarget(checkpoint, target.report);
      checkpoint = withoutLaterLines(checkpoint);
    }
    // Opened after `withoutLaterLines`, which may have removed an incomplete last line.
    if (plan.deadLetter !== undefined) deadLetters = new DeadLetterFile(plan.deadLetter, inputs);
    const runId = plan.part && (await runIdOf(plan));
    const threads = load?.threads ?? new SenderThreads(plan.workers, 1, workerModule);
    const pool = new WorkerPool(threads, made !== undefined || checkpoint !== undefined);
    const { endsAtMs } = time;
    const parts = { plan, input, target, made, deadLetters, checkpoint, pool, runId, endsAtMs, onNotice: onWait };
    return new Run({ ...parts, load: load?.links });
  } catch (error) {
    deadLetters?.close();
    await target?.close();
    await checkpoint?.lock.release();
    throw error;
  }
}

/** Opens the target. One that responds after the end of the time is closed again. */
export async function openTarget(
  plan: RunPlan,
  onWait: (text: string) => void,
  time = new RunTime(plan.maxTimeMs),
): Promise<OpenTarget> {
  const { signal } = time;
  const wait = { timeoutMs: plan.targetTimeoutMs, onWait, signal };
  const opening = targetKind(plan.target.kind).open(plan.target, wait);
  try {
    return await time.limit(opening, 'target', 'the target responded');
  } catch (error) {
    if (signal.aborted) {
      opening.then(
        (late) => late.close(),
        () => {},
      );
    }
    throw error;
  }
}
