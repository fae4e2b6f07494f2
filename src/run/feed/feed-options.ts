import type { InputPlan, RunPlan } from '../../config/run-plan.js';
import type { HashKeySpread, OpenTarget, TargetKind } from '../../target/kind.js';
import type { EarlierLegs } from '../checkpoint/earlier-legs.js';

/** What a feed does to the records that it reads. */
export interface FeedOptions {
  /** The key of all records, if the user passed one. */
  readonly partitionKey: string | undefined;
  /** Gives each record a hash key in place of its own. */
  readonly spread: HashKeySpread | undefined;
  /** Whether records keep their attributes: an explicit hash key for Kinesis, headers for Kafka. */
  readonly keepsAttributes: boolean;
  /** Whether the attributes count toward the size of a record: headers do, hash keys do not. */
  readonly attributesCount: boolean;
  /** The word for the target in messages, such as 'stream'. */
  readonly targetWord: string;
  /** What a record without a key gets: a random key, or none. Without a key it can go to any worker. */
  readonly keyless: 'random' | 'none';
  /** Whether the order of each key is kept. Every record then needs a key. */
  readonly ordered: boolean;
  /** The largest record: its data, its key, and its attributes if these count. */
  readonly recordBytesMax: number;
  readonly skipBadRecords: boolean;
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** For a resumed run: the feed skips what its earlier legs settled. */
  readonly earlier: EarlierLegs | undefined;
}

/** Makes the options of the feed from the plan of a run and its target. */
export function feedOptions(
  plan: RunPlan,
  kind: TargetKind,
  target: OpenTarget,
  earlier: EarlierLegs | undefined,
): FeedOptions {
  const { partitionKey, ordered, skipBadRecords, count, durationMs } = plan;
  const { attributes, attributesCount, keyless } = kind.record;
  return {
    partitionKey,
    spread: plan.spread === 'even' ? target.spread?.() : undefined,
    // One key for all records sends them all to one shard. Their own hash keys are kept only if the user asks.
    keepsAttributes: attributes === 'headers' || partitionKey === undefined || namesHashKeys(plan.input),
    attributesCount,
    targetWord: kind.words.target,
    keyless,
    ordered,
    skipBadRecords,
    count,
    durationMs,
    recordBytesMax: target.recordBytesMax,
    earlier,
  };
}

function namesHashKeys(input: InputPlan): boolean {
  return input.kind === 'files' && input.explicitHashKeyField !== undefined;
}
