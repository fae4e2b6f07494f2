import type { RunPlan } from '../config/run-plan.js';
import type { OpenTarget } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import { DeadLetterFile } from './checkpoint/dead-letter-file.js';
import { checkTarget, type OpenCheckpoint, openCheckpoint, withoutLaterLines } from './checkpoint/open-checkpoint.js';
import { WorkerPool } from './feed/worker-pool.js';
import { checkGeneratedSize, openInput } from './open-input.js';
import { Run } from './run.js';

/**
 * Opens everything that a run needs: checkpoint, input, target, dead-letter file and workers.
 *
 * @param onWait       called with a sentence about what kload is waiting for
 * @param workerModule the module that the worker threads run; by default kload's own sender
 * @throws KloadError if any of these cannot be opened; nothing was sent then
 */
export async function openRun(plan: RunPlan, onWait: (text: string) => void, workerModule?: string): Promise<Run> {
  const inputs = plan.input.kind === 'files' ? plan.input.files : [];
  let checkpoint: OpenCheckpoint | undefined;
  let deadLetters: DeadLetterFile | undefined;
  let target: OpenTarget | undefined;
  try {
    if (plan.checkpoint !== undefined) checkpoint = await openCheckpoint(plan.checkpoint, inputs, plan.count);
    const { source, label: inputLabel } = await openInput(plan);
    target = await targetKind(plan.target.kind).open(plan.target, { timeoutMs: plan.targetTimeoutMs, onWait });
    checkGeneratedSize(plan, target.recordBytesMax);
    if (checkpoint !== undefined) {
      checkTarget(checkpoint, target.report);
      checkpoint = withoutLaterLines(checkpoint);
    }
    // Opened after `withoutLaterLines`, which may have removed an incomplete last line.
    if (plan.deadLetter !== undefined) deadLetters = new DeadLetterFile(plan.deadLetter, inputs);
    const pool = new WorkerPool(plan.workers, checkpoint !== undefined, workerModule);
    return new Run({ plan, source, inputLabel, target, deadLetters, checkpoint, pool });
  } catch (error) {
    deadLetters?.close();
    await target?.close();
    await checkpoint?.lock.release();
    throw error;
  }
}
