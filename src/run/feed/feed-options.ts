import type { InputPlan, RunPlan } from '../../config/run-plan.js';
import type { RecordTraits } from '../../core/record.js';
import { type MadeRecords, RecordMaker } from '../../generate/record-maker.js';
import type { HashKeySpread, OpenTarget, TargetKind } from '../../target/kind.js';
import type { EarlierLegs } from '../checkpoint/earlier-legs.js';

/**
 * Records are dispatched to the workers this long before they are due. So nothing that keeps the main thread busy (a
 * frame of the dashboard, a garbage collection) delays them: on two cores with three times the work that they can do,
 * the main thread stands still for more than 50 ms every few seconds. More than 100 ms would fill a worker at 300,000
 * records a second.
 */
export const LOOKAHEAD_MS = 100;

/** What a feed knows about records that the workers make. */
interface FeedMade {
  /** The bytes to reserve for each. */
  readonly bytes: number;
  /** The bytes of a record that the target counts. */
  readonly countedBytes: (ordinal: number) => number;
  /** The number of a record's key. */
  readonly keyOf: (ordinal: number) => number;
}

/** What a feed does to the records that it reads. */
export interface FeedOptions
  extends Pick<RunPlan, 'partitionKey' | 'ordered' | 'skipBadRecords' | 'count' | 'durationMs'>,
    Pick<RecordTraits, 'attributesCount' | 'keyless'>,
    Pick<OpenTarget, 'recordBytesMax'> {
  /** Records that the workers make. */
  readonly made: FeedMade | undefined;
  /** Gives each record a hash key in place of its own. */
  readonly spread: HashKeySpread | undefined;
  /** Whether records keep their attributes: an explicit hash key for Kinesis, headers for Kafka. */
  readonly keepsAttributes: boolean;
  /** The word for the target in messages, such as 'stream'. */
  readonly targetWord: string;
  /** How long before they are due records are dispatched. */
  readonly lookaheadMs: number;
  /** For a resumed run: the feed skips what its earlier legs settled. */
  readonly earlier: EarlierLegs | undefined;
}

/** Makes the options of the feed from the plan of a run and its target. */
export function feedOptions(
  plan: RunPlan,
  kind: TargetKind,
  target: OpenTarget,
  earlier: EarlierLegs | undefined,
  made: MadeRecords | undefined,
): FeedOptions {
  const { partitionKey, ordered, skipBadRecords, count, durationMs } = plan;
  const { attributes, attributesCount, keyless } = kind.record;
  return {
    made: made && feedMade(made),
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
    lookaheadMs: LOOKAHEAD_MS,
    earlier,
  };
}

export function feedMade(made: MadeRecords): FeedMade {
  const maker = new RecordMaker(made);
  return {
    bytes: reservedBytes(made, maker),
    countedBytes: (ordinal) => maker.countedBytes(ordinal),
    keyOf: (ordinal) => maker.keyOf(ordinal),
  };
}

/** For records of different sizes, more than their mean: few packs then need more. */
function reservedBytes({ size, template }: MadeRecords, maker: RecordMaker): number {
  const isFixed = template === undefined && size?.kind === 'fixed';
  return Math.ceil(isFixed ? maker.bytesMax(0) : maker.bytesMean * 1.1);
}

function namesHashKeys(input: InputPlan): boolean {
  return input.kind === 'files' && input.explicitHashKeyField !== undefined;
}
