import { KloadError } from '../../core/errors.js';
import { type BadRecord, BLOCK_RECORDS_MAX, RecordBlock } from '../../core/record.js';
import type { RecordedOrder } from '../../core/report.js';
import { formatCount } from '../../core/units.js';
import { nowMs } from '../../system/clock.js';
import type { Pacing } from '../input-options.js';
import { type CurrentFile, type Transform, transformed } from '../transform.js';
import { HELD_BYTES_MAX, HELD_RECORDS_MAX } from './held-records.js';
import { OrderCheck } from './order-check.js';
import { type Following, PacedTimes, ROWS_AHEAD } from './paced-times.js';
import { orSilent, SILENT } from './silence.js';

/** The longest that a row far back in time is held for the rows that would judge it. */
const BACK_WAIT_MS = 1_000;
const WIDE_WINDOW = '--reorder-window with more than the time that it covers';
const HELD_TEXT = `${formatCount(HELD_RECORDS_MAX)} records and ${HELD_BYTES_MAX / 2 ** 20} MiB`;

/**
 * Gives each record a time that never goes back (PacedTimes). All records must have a time.
 *
 * @param current the file that the source reads from
 */
export function pace(pacing: Pacing, current: CurrentFile): Transform {
  return (source) => {
    let first: PacedBlocks | undefined;
    return transformed(source, {
      blocks() {
        const paced = new PacedBlocks(pacing);
        first ??= paced;
        return paced.paced(source.blocks(), current);
      },
      found() {
        if (first === undefined) return {};
        const { outOfOrder, outOfOrderMaxMs, clockJumps, clockJumpMaxMs } = first.order;
        return { outOfOrder, outOfOrderMaxMs, clockJumps, clockJumpMaxMs };
      },
    });
  };
}

/**
 * Paces blocks. The last rows of a block may have to wait for the rows after them to be judged: they are kept, and
 * leave in a block of their own.
 */
class PacedBlocks {
  readonly #pacing: Pacing;
  readonly #times: PacedTimes;
  readonly #check = new OrderCheck();
  /** The rows kept, followed by those of the current block. */
  readonly #recorded = new Float64Array(ROWS_AHEAD + BLOCK_RECORDS_MAX);
  readonly #paced = new Float64Array(ROWS_AHEAD + BLOCK_RECORDS_MAX);
  readonly #pacedOfBlock = new Float64Array(BLOCK_RECORDS_MAX);
  readonly #kept = new KeptRows();
  /** The file of the previous block, and its index. */
  #file = '';
  #fileIndex = -1;
  /** Whether the rows kept are the first of a file. */
  #keptBegins = false;
  /** When the row before those kept was yielded. */
  #usedAtMs = nowMs();

  constructor(pacing: Pacing) {
    this.#pacing = pacing;
    this.#times = new PacedTimes(pacing.speed);
  }

  get order(): RecordedOrder {
    return this.#times;
  }

  /** @throws KloadError `input` if the first rows are mostly out of order */
  async *paced(blocks: AsyncIterable<RecordBlock>, current: CurrentFile): AsyncGenerator<RecordBlock, void> {
    const iterator = blocks[Symbol.asyncIterator]();
    try {
      let next = iterator.next();
      for (;;) {
        const mayWait = !this.#kept.empty && current.mayPause;
        const result = mayWait ? await orSilent(next, this.#keptWaitMs()) : await next;
        if (result === SILENT) {
          yield* this.#releaseKept('silence');
          continue;
        }
        if (result.done === true) break;
        this.#refuseDisorder(result.value);
        // Bad records stay behind the rows that they came after.
        if (result.value.count === 0) yield* this.#releaseKept('silence');
        yield* this.#paceBlock(result.value, current.index);
        next = iterator.next();
      }
      yield* this.#releaseKept('nothing');
    } finally {
      await iterator.return?.();
    }
  }

  /** Milliseconds until the first row kept is due. */
  #keptWaitMs(): number {
    const { speed, gapMaxMs = Number.POSITIVE_INFINITY } = this.#pacing;
    const aheadMs = this.#times.aheadMs(this.#kept.rows.recordedAtMs[0]!);
    const waitMs = aheadMs < 0 ? BACK_WAIT_MS : Math.min(aheadMs, gapMaxMs) / speed;
    return this.#usedAtMs + waitMs - nowMs();
  }

  *#paceBlock(block: RecordBlock, fileIndex: number): Generator<RecordBlock, void> {
    const kept = this.#kept.rows;
    const isOtherFile = this.#file !== block.file || this.#fileIndex !== fileIndex;
    const before = kept.count;
    this.#recorded.set(kept.recordedAtMs.subarray(0, before));
    this.#recorded.set(block.recordedAtMs.subarray(0, block.count), before);
    const newFiles = [...(this.#keptBegins ? [0] : []), ...(isOtherFile ? [before] : [])];
    // All rows kept are of one file.
    const paced = this.#pace(before + block.count, newFiles, isOtherFile ? before : 0, 'rows');
    this.#file = block.file;
    this.#fileIndex = fileIndex;
    yield* this.#yieldKept(Math.min(paced, before));
    const taken = Math.max(0, paced - before);
    this.#pacedOfBlock.set(this.#paced.subarray(before, before + taken));
    if (this.#kept.empty) this.#keptBegins = isOtherFile && taken === 0 && block.count > 0;
    this.#kept.keep(block, taken);
    if (block.empty) return;
    block.pacedAtMs = this.#pacedOfBlock;
    yield block;
    this.#usedAtMs = nowMs();
  }

  *#releaseKept(following: Following): Generator<RecordBlock, void> {
    const { rows } = this.#kept;
    this.#recorded.set(rows.recordedAtMs.subarray(0, rows.count));
    yield* this.#yieldKept(this.#pace(rows.count, this.#keptBegins ? [0] : [], 0, following));
  }

  #pace(count: number, newFiles: readonly number[], urgentTo: number, following: Following): number {
    return this.#times.pace(this.#recorded, count, newFiles, urgentTo, following, this.#paced);
  }

  *#yieldKept(count: number): Generator<RecordBlock, void> {
    if (count === 0) return;
    this.#keptBegins = false;
    yield this.#kept.first(count, this.#paced);
    this.#kept.drop(count);
    this.#usedAtMs = nowMs();
  }

  #refuseDisorder({ file, recordedAtMs, count }: RecordBlock): void {
    const rows = this.#check.look(recordedAtMs, count);
    if (rows === undefined) return;
    throw new KloadError(
      'input',
      `${file}: the first ${formatCount(rows)} records are mostly out of order: most of them would be due at once`,
      `sort the file by time; or pass ${WIDE_WINDOW}, if it has at most ${HELD_TEXT}`,
    );
  }
}

/** Copies of rows, with the bad records among them. */
class KeptRows {
  readonly rows = new RecordBlock();
  #used = 0;
  /** What is behind the rows that `first` returned. */
  #rest: { readonly count: number; readonly bad: readonly BadRecord[] } = { count: 0, bad: [] };

  get empty(): boolean {
    return this.rows.empty;
  }

  /** Moves the rows of a block from index `from` on to those kept. */
  keep(block: RecordBlock, from: number): void {
    const { rows } = this;
    if (from === block.count) return;
    if (rows.empty) rows.reset(block.file, rows.bytes);
    let bad = block.bad.findIndex(({ index }) => index > from);
    if (bad < 0) bad = block.bad.length;
    for (const record of block.bad.splice(bad)) rows.bad.push({ ...record, index: record.index - from + rows.count });
    for (let at = from; at < block.count; at++) this.#copy(block, at);
    block.count = from;
  }

  /** The first rows. They stay until `drop`. */
  first(count: number, paced: Float64Array): RecordBlock {
    const { rows } = this;
    const isFirst = ({ index }: BadRecord) => index <= count;
    this.#rest = { count: rows.count, bad: rows.bad.filter((record) => !isFirst(record)) };
    rows.bad.splice(0, rows.bad.length, ...rows.bad.filter(isFirst));
    rows.count = count;
    rows.pacedAtMs = paced;
    return rows;
  }

  /** Drops the rows that `first` returned. */
  drop(count: number): void {
    const { rows } = this;
    for (let at = count; at < this.#rest.count; at++) rows.move(at, at - count);
    rows.count = this.#rest.count - count;
    rows.bad.splice(0, rows.bad.length, ...this.#rest.bad.map((bad) => ({ ...bad, index: bad.index - count })));
    if (rows.count === 0) this.#used = 0;
  }

  #copy(block: RecordBlock, at: number): void {
    const { rows } = this;
    const [data, dataBytes] = this.#append(block.bytes, block.dataStart[at]!, block.dataEnd[at]!);
    rows.add(data, data + dataBytes, block.recordedAtMs[at]!, block.line[at]!);
    if (block.keyStart[at]! >= 0) {
      const [key, keyBytes] = this.#append(block.bytes, block.keyStart[at]!, block.keyEnd[at]!);
      rows.setKey(key, key + keyBytes);
    }
    if (block.attributesBytes(at) > 0) {
      const [attributes, attributesBytes] = this.#append(
        block.bytes,
        block.attributesStart[at]!,
        block.attributesEnd[at]!,
      );
      rows.setAttributes(attributes, attributes + attributesBytes);
    }
  }

  #append(from: Buffer, start: number, end: number): [at: number, bytes: number] {
    const { rows } = this;
    const at = this.#used;
    const needed = at + end - start;
    if (needed > rows.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(2 * needed);
      rows.bytes.copy(grown, 0, 0, at);
      rows.bytes = grown;
    }
    this.#used = at + from.copy(rows.bytes, at, start, end);
    return [at, end - start];
  }
}
