import type { RunPlan } from '../config/run-plan.js';
import { KloadError } from '../core/errors.js';
import type { KloadRecord } from '../core/kload-record.js';
import type { FileReading } from '../core/report.js';
import type { MadeRecords } from '../generate/record-maker.js';
import { Router } from '../route/router.js';
import { Schedule } from '../schedule/schedule.js';
import { nowMs } from '../system/clock.js';
import type { OpenTarget, TargetKind } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import type { PackedRecords } from './between/packed-records.js';
import { Condition } from './feed/condition.js';
import { Feed } from './feed/feed.js';
import { feedOptions } from './feed/feed-options.js';
import { PackStore } from './feed/pack-store.js';
import type { Rejected } from './feed/rejections.js';
import { madeRecordsOf } from './made-records.js';
import { openInput } from './open-input.js';
import { openTarget } from './open-run.js';
import { RunTime } from './run-time.js';
import { recordFields } from './worker/dead-letter-lines.js';
import { PackMaker } from './worker/pack-maker.js';
import { PendingRecord } from './worker/pending-record.js';

/** A record as a run would send it. */
export interface DryRecord extends Pick<KloadRecord, 'key' | 'explicitHashKey' | 'data' | 'headers' | 'recordedAtMs'> {
  /** The shard or partition that would get it; undefined: any. */
  readonly shardId: string | undefined;
  /** What counts toward the target's limit for a record. */
  readonly bytes: number;
  /** When it is due, in milliseconds since the start; -Infinity: as soon as the target has room. */
  readonly dueMs: number;
}

/** What a dry run found beside the records. */
export interface DryRun {
  readonly target: OpenTarget['report'];
  readonly files: readonly FileReading[];
  readonly records: number;
  readonly rejected: readonly Rejected[];
}

/**
 * Reads, schedules and routes the first records as a run does, and sends nothing. The target is only described.
 *
 * @param count    how many records of the input to read
 * @param onRecord called with each record, in input order
 * @throws KloadError for whatever would end a run before these records were dispatched
 */
export async function dryRun(
  plan: RunPlan,
  count: number,
  onRecord: (record: DryRecord) => void,
  onWait: (text: string) => void,
): Promise<DryRun> {
  const time = new RunTime(plan.maxTimeMs);
  const kind = targetKind(plan.target.kind);
  const { source } = await time.limit(openInput(plan), 'input', 'the input could be read');
  const target = await openTarget(plan, onWait, time);
  try {
    const made = await madeRecordsOf(plan, target);
    const startMs = nowMs();
    const sink = new RecordSink(kind, target, made, startMs, onRecord);
    const first = { ...plan, count: Math.min(count, plan.count ?? count) };
    // All records are read at once, whenever they are due.
    const options = { ...feedOptions(first, kind, target, undefined, made), lookaheadMs: Number.POSITIVE_INFINITY };
    const feed = new Feed(new Schedule(plan.schedule, startMs), new Router(1), sink, 1, new Condition(), options);
    time.signal.addEventListener('abort', () => feed.stop(), { once: true });
    await feed.run(source);
    if (feed.position === 0 && !time.signal.aborted) throw new KloadError('input', 'the input holds no record');
    const { files } = source.found;
    return { target: target.report, files, records: feed.read - feed.rejected, rejected: feed.rejectedFirst };
  } finally {
    await target.close();
  }
}

/** Takes packs as the worker pool does, and looks at their records. */
class RecordSink {
  readonly #store: PackStore;
  readonly #maker: PackMaker | undefined;
  readonly #kind: TargetKind;
  readonly #partitioner;
  readonly #startMs: number;
  readonly #onRecord: (record: DryRecord) => void;

  constructor(
    kind: TargetKind,
    target: OpenTarget,
    made: MadeRecords | undefined,
    startMs: number,
    onRecord: (record: DryRecord) => void,
  ) {
    this.#store = new PackStore(1, made !== undefined);
    this.#maker = made && new PackMaker(made);
    this.#kind = kind;
    this.#partitioner = kind.partitioner(target.config);
    this.#startMs = startMs;
    this.#onRecord = onRecord;
  }

  hasRoom(): boolean {
    return true;
  }

  emptyPack(bytes: number): PackedRecords {
    return this.#store.empty(bytes);
  }

  send(_worker: number, records: PackedRecords): void {
    const { attributes, attributesCount } = this.#kind.record;
    for (let index = 0; index < records.count; index++) {
      const record = new PendingRecord({ records, unsettled: records.count }, index);
      if (this.#maker === undefined) records.locate(index, record);
      else this.#maker.make(records, index, this.#startMs, record);
      this.#onRecord({
        ...recordFields(record, attributes),
        recordedAtMs: record.recordedAtMs,
        shardId: this.#partitioner.ids[record.shardIndexIn(this.#partitioner)],
        bytes: record.bytes + (attributesCount ? record.attributesBytes : 0),
        dueMs: record.intendedAtMs - this.#startMs,
      });
    }
    this.#store.keep(records);
  }
}
