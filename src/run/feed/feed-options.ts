import type { InputPlan, RunPlan } from '../../config/run-plan.js';
import type { OpenTarget, TargetKind } from '../../target/kind.js';
import type { Resumption } from '../checkpoint/resumption.js';
import type { FeedOptions } from './feed.js';

/** What a run's plan and its target ask of the feed. */
export function feedOptions(
  plan: RunPlan,
  kind: TargetKind,
  target: OpenTarget,
  resumption: Resumption | undefined,
): FeedOptions {
  const { partitionKey, ordered, skipBadRecords, count, durationMs } = plan;
  const { attributes, attributesCount, keyless } = kind.record;
  return {
    partitionKey,
    spread: plan.spread === 'even' ? target.spread?.() : undefined,
    // With one key for all, all records go to one shard: their own hash keys count only if the user asks for them.
    keepsAttributes: attributes === 'headers' || partitionKey === undefined || namesHashKeys(plan.input),
    attributesCount,
    targetWord: kind.words.target,
    keyless,
    ordered,
    skipBadRecords,
    count,
    durationMs,
    recordBytesMax: target.recordBytesMax,
    resumption,
  };
}

function namesHashKeys(input: InputPlan): boolean {
  return input.kind === 'files' && input.explicitHashKeyField !== undefined;
}
