import type { WorkerGauges } from '../../core/snapshot.js';

/**
 * For how long the target has left all requests of all workers without an answer, in milliseconds; 0 when none waits.
 * One worker's answer is news of the target for all of them.
 */
export function silentForMs(gauges: readonly WorkerGauges[], nowMs: number): number {
  const waiting = gauges.filter((worker) => worker.held > 0 && worker.unansweredSinceMs !== Number.POSITIVE_INFINITY);
  if (waiting.length === 0) return 0;
  const waitingSinceMs = Math.min(...waiting.map((worker) => worker.unansweredSinceMs));
  const answeredAtMs = Math.max(...gauges.map((worker) => worker.answeredAtMs));
  return nowMs - Math.max(waitingSinceMs, answeredAtMs);
}
