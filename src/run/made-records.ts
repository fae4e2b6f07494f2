import type { RunPlan } from '../config/run-plan.js';
import type { MadeRecords } from '../generate/record-maker.js';
import type { OpenTarget } from '../target/kind.js';

/** What the workers make the records of a run from; undefined if its records are read from files. */
export function madeRecordsOf(
  { input, partitionKey, spread }: RunPlan,
  target: Pick<OpenTarget, 'spread'>,
): MadeRecords | undefined {
  if (input.kind !== 'generated') return undefined;
  const { recordSize, keys, seed } = input;
  const hashKeys = spread === 'even' ? target.spread?.().points : undefined;
  return { recordSize, keys, seed, partitionKey, hashKeys };
}
