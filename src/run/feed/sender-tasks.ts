import type { RunPlan } from '../../config/run-plan.js';
import type { MadeRecords } from '../../generate/record-maker.js';
import type { OpenTarget } from '../../target/kind.js';
import type { SenderTask } from '../between/messages.js';

/**
 * Returns the task of a worker, without its port.
 *
 * @param isTimed whether a schedule sets the rate
 * @param made what the workers make the records from; undefined if records are read
 * @param hasOthers whether other loads share the workers
 */
export function senderTasks(
  plan: RunPlan,
  target: OpenTarget,
  isTimed: boolean,
  made: MadeRecords | undefined,
  hasOthers: boolean,
): (workerId: number) => Omit<SenderTask, 'port'> {
  return (workerId) => ({
    workerId,
    workers: plan.workers,
    target: target.config,
    limits: { batchRecordsMax: plan.batchSize, batchBytesMax: target.batchBytesMax },
    recordOverheadBytes: target.recordOverheadBytes,
    lingerMs: plan.lingerMs,
    ordered: plan.ordered,
    requestsInFlightMax: shareOf(plan.requestsInFlightMax, plan.workers, workerId),
    maxAttempts: plan.maxAttempts,
    deadLetters: plan.deadLetter !== undefined,
    isTimed,
    yields: hasOthers && !isTimed,
    made,
  });
}

/** Splits `total` as evenly as possible, with at least one for each worker. */
function shareOf(total: number, workers: number, workerId: number): number {
  return Math.max(1, Math.floor(total / workers) + (workerId < total % workers ? 1 : 0));
}
