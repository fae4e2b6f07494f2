import type { InputPlan, RunPlan } from '../../config/run-plan.js';
import type { RecordTraits } from '../../core/record.js';
import { type MadeRecords, RecordMaker } from '../../generate/record-maker.js';
import { Deal } from '../../route/deal.js';
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
export interface FeedMade {
  /** The bytes to reserve for each. */
  readonly bytes: number;
  /** The bytes of a record that the target counts. */
  readonly countedBytes: (ordinal: number) => number;
  /** The bytes that the target counts, if each record has as many. */
  readonly bytesEach: number | undefined;
  /** The number of a record's key. */
  readonly keyOf: (ordinal: number) => number;
  /** How many records from `ordinal` on are sent by other parts of the run, at most `most`. */
  readonly othersFrom: (deal: Deal, ordinal: number, most: number) => number;
}

/** What a feed does to the records that it reads. */
export interface FeedOptions
  extends Pick<RunPlan, 'partitionKey' | 'ordered' | 'skipBadRecords' | 'count' | 'durationMs'>,
    Pick<RecordTraits, 'attributesCount' | 'keyless'>,
    Pick<OpenTarget, 'recordBytesMax'> {
  /** Records that the workers make. */
  readonly made: FeedMade | undefined;
  /** Which records are this part's; undefined: all that are read. */
  readonly deal: Deal | undefined;
  /** Gives each record a hash key in place of its own. */
  readonly spread: HashKeySpread | undefined;
  /** Whether records keep their attributes: an explicit hash key for Kinesis, headers for Kafka. */
  readonly keepsAttributes: boolean;
  /** The word for the target in messages, such as 'stream'. */
  readonly targetWord: string;
  /**
   * For a part that reads only some of the input: how many records the other parts have in each turn before its own,
   * and after it. A rate is then shared out evenly; undefined: there is no rate, or the part reads all of the input.
   */
  readonly turn: { readonly before: number; readonly after: number } | undefined;
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
    deal: plan.part?.by === 'key' && plan.part.of > 1 ? new Deal(plan.part) : undefined,
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
    turn: turnOf(plan),
    lookaheadMs: LOOKAHEAD_MS,
    earlier,
  };
}

function turnOf({ part, schedule }: RunPlan): FeedOptions['turn'] {
  const hasRate = schedule.kind !== 'recorded' && schedule.kind !== 'as-fast-as-possible';
  if (part === undefined || part.by === 'key' || !hasRate) return undefined;
  return { before: part.number - 1, after: part.of - part.number };
}

export function feedMade(made: MadeRecords): FeedMade {
  const maker = new RecordMaker(made);
  return {
    bytes: reservedBytes(made, maker),
    countedBytes: (ordinal) => maker.countedBytes(ordinal),
    bytesEach: made.size === undefined || made.size.kind === 'fixed' ? maker.countedBytes(0) : undefined,
    keyOf: (ordinal) => maker.keyOf(ordinal),
    othersFrom: made.partitionKey === undefined ? othersByKey(maker) : othersByNumber,
  };
}

/** A loop of its own: with many parts, it takes most of the main thread's time. */
function othersByKey(maker: RecordMaker): FeedMade['othersFrom'] {
  return (deal, ordinal, most) => {
    let count = 0;
    while (count < most && !deal.ownsKeyNumber(maker.keyOf(ordinal + count))) count++;
    return count;
  };
}

function othersByNumber(deal: Deal, ordinal: number, most: number): number {
  let count = 0;
  while (count < most && !deal.ownsNumber(ordinal + count)) count++;
  return count;
}

/** For records of different sizes, more than their mean: few packs then need more. */
function reservedBytes({ size, template }: MadeRecords, maker: RecordMaker): number {
  const isFixed = template === undefined && size?.kind === 'fixed';
  return Math.ceil(isFixed ? maker.bytesMax(0) : maker.bytesMean * 1.1);
}

function namesHashKeys(input: InputPlan): boolean {
  return input.kind === 'files' && input.explicitHashKeyField !== undefined;
}
