import type { RunPlan } from '../config/run-plan.js';
import type { OpenTarget } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import { DeadLetterFile } from './checkpoint/dead-letter-file.js';
import { checkTarget, type OpenCheckpoint, openCheckpoint, withoutLaterLines } from './checkpoint/open-checkpoint.js';
import { WorkerPool } from './feed/worker-pool.js';
import { checkGeneratedSize, openInput } from './open-input.js';
import { Run } from './run.js';

/**
 * Opens input and target: whatever is wrong with them is thrown as a KloadError before anything is sent.
 *
 * @param onWait       reports what the run waits for meanwhile
 * @param workerModule what the worker threads run, if not kload's own sender
 */
export async function openRun(plan: RunPlan, onWait: (text: string) => void, workerModule?: string): Promise<Run> {
  const inputs = plan.input.kind === 'files' ? plan.input.files : [];
  let checkpoint: OpenCheckpoint | undefined;
  let deadLetters: DeadLetterFile | undefined;
  let target: OpenTarget | undefined;
  try {
    if (plan.checkpoint !== undefined) checkpoint = await openCheckpoint(plan.checkpoint, inputs, plan.count);
    const { source, label } = await openInput(plan);
    target = await targetKind(plan.target.kind).open(plan.target, { timeoutMs: plan.targetTimeoutMs, onWait });
    checkGeneratedSize(plan, target.recordBytesMax);
    if (checkpoint !== undefined) {
      checkTarget(checkpoint, target.report);
      checkpoint = withoutLaterLines(checkpoint);
    }
    // Behind that, which may have taken a torn line away.
    if (plan.deadLetter !== undefined) deadLetters = new DeadLetterFile(plan.deadLetter, inputs);
    const pool = new WorkerPool(plan.workers, checkpoint !== undefined, workerModule);
    return new Run(plan, source, label, target, deadLetters, checkpoint, pool);
  } catch (error) {
    deadLetters?.close();
    await target?.close();
    await checkpoint?.lock.release();
    throw error;
  }
}
