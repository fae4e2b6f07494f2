import { RecordBlock } from '../../core/record.js';
import { type CurrentFile, type Transform, transformed } from '../transform.js';
import { HeldRecords } from './held-records.js';
import { ROWS_AHEAD } from './paced-times.js';
import { orSilent, SILENT } from './silence.js';
import { TimeQueue } from './time-queue.js';

const WRONG_CLOCK_MS = 3_600_000;

/**
 * Puts records in order by their times within a window of recorded time. All records must have a time.
 *
 * @param current the file that the source reads from
 */
export function reorder(windowMs: number, current: CurrentFile): Transform {
  return (source) => {
    let first: Reorderer | undefined;
    let last: Reorderer | undefined;
    return transformed(source, {
      blocks() {
        last = new Reorderer(windowMs);
        first ??= last;
        return last.reordered(source.blocks(), current);
      },
      progress(blockShare) {
        if (last === undefined) return source.progress(blockShare);
        const { done, total } = source.progress(1);
        // What is held was read, but is still to be sent.
        return { done: done * last.shareLeft(blockShare), total };
      },
      found: () => ({ late: first?.late ?? 0, early: first?.early ?? 0 }),
    });
  };
}

/**
 * Orders records by time, and records of the same time as they came in. A record is held until one was seen that was
 * recorded a whole window later. The order depends on the input alone. The clock matters only where the input may
 * pause: records typed into a pipe must not wait for ever.
 *
 * A bad record has no time. It stays behind the records before it, as if it were as new as the newest of them.
 */
class Reorderer {
  /** Records older than one that had already left: they leave at once. */
  late = 0;
  /** Records that left before the end of their window, because no more could be held. */
  early = 0;

  readonly #windowMs: number;
  /** A record this far ahead of the newest is not out of order: it followed a silence, or its clock was wrong. */
  readonly #farMs: number;
  readonly #held = new HeldRecords();
  readonly #queue = new TimeQueue(this.#held, this.#held.capacity);
  readonly #out = new RecordBlock();
  /** The newest of all records that came. */
  #newestMs = Number.NEGATIVE_INFINITY;
  /** The newest of the records that left. */
  #leftMs = Number.NEGATIVE_INFINITY;
  /** True while all leave, because the input ended or paused. */
  #flushing = false;
  /** The next record, and the next bad one, to take from the current block. */
  #index = 0;
  #bad = 0;
  /** How many came, including bad records. */
  #taken = 0;

  /** @param windowMs in recorded time */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#farMs = windowMs + WRONG_CLOCK_MS;
  }

  /** The share of the records taken that has left, once this share of the last block yielded was used. */
  shareLeft(blockShare: number): number {
    if (this.#taken === 0) return 1;
    const waiting = this.#held.count + this.#out.count * (1 - blockShare);
    return (this.#taken - waiting) / this.#taken;
  }

  async *reordered(blocks: AsyncIterable<RecordBlock>, current: CurrentFile): AsyncGenerator<RecordBlock, void> {
    const iterator = blocks[Symbol.asyncIterator]();
    try {
      let next = iterator.next();
      for (;;) {
        const result = this.#held.count > 0 ? await orSilent(next, this.#windowMs) : await next;
        if (result === SILENT) {
          if (current.mayPause) yield* this.#flush();
          continue;
        }
        if (result.done === true) break;
        yield* this.#takeBlock(result.value);
        next = iterator.next();
      }
      yield* this.#flush();
    } finally {
      await iterator.return?.();
    }
  }

  *#takeBlock(block: RecordBlock): Generator<RecordBlock, void> {
    this.#held.copyBytesOf(block);
    this.#index = 0;
    this.#bad = 0;
    yield* this.#leaving(block);
  }

  *#flush(): Generator<RecordBlock, void> {
    this.#flushing = true;
    yield* this.#leaving(undefined);
    this.#flushing = false;
  }

  /** Takes the rest of a block, and yields what may leave. */
  *#leaving(block: RecordBlock | undefined): Generator<RecordBlock, void> {
    const out = this.#out;
    for (;;) {
      out.reset('', this.#held.bytes);
      while (this.#release() && block !== undefined && this.#take(block));
      if (out.empty) return;
      yield out;
    }
  }

  /** Takes the next record of a block; false if there is none. */
  #take(block: RecordBlock): boolean {
    const bad = block.bad[this.#bad];
    if (bad?.index === this.#index) {
      this.#bad++;
      this.#push(this.#held.holdBad(bad, this.#newestMs));
      return true;
    }
    if (this.#index === block.count) return false;
    const recordedAtMs = block.recordedAtMs[this.#index]!;
    const isAhead = recordedAtMs - this.#newestMs > this.#farMs && this.#isAhead(block, this.#index);
    if (recordedAtMs > this.#newestMs && !isAhead) this.#newestMs = recordedAtMs;
    this.#push(this.#held.hold(block, this.#index++, isAhead ? this.#newestMs : recordedAtMs));
    return true;
  }

  /**
   * Whether most of the next records are far older, which means that this one's clock was wrong. Such a record stays
   * with its neighbors, and does not end the window of the records after it.
   */
  #isAhead({ recordedAtMs, count }: RecordBlock, index: number): boolean {
    if (this.#newestMs === Number.NEGATIVE_INFINITY) return false;
    const oldestMs = this.#newestMs - this.#windowMs;
    const aheadMs = recordedAtMs[index]! - this.#farMs;
    let olderThanNewer = 0;
    for (let next = index + 1; next < Math.min(count, index + 1 + ROWS_AHEAD); next++) {
      if (recordedAtMs[next]! >= aheadMs) olderThanNewer--;
      else if (recordedAtMs[next]! >= oldestMs) olderThanNewer++;
    }
    return olderThanNewer > 0;
  }

  #push(held: number): void {
    this.#taken++;
    if (this.#held.capacity > this.#queue.capacity) this.#queue.grow(this.#held.capacity);
    this.#queue.push(held);
  }

  /** Moves what may leave to the block that is yielded next; false if that has no room for more. */
  #release(): boolean {
    const held = this.#held;
    const queue = this.#queue;
    const out = this.#out;
    const dueMs = this.#newestMs - this.#windowMs;
    while (!queue.empty) {
      const oldest = queue.oldest();
      const orderMs = held.orderMs[oldest]!;
      const isDue = orderMs <= dueMs || orderMs < this.#leftMs || this.#flushing;
      if (!isDue && !held.full) return true;
      const bad = held.badOf(oldest);
      const file = held.fileOf(oldest);
      if (out.count === 0) out.file = file;
      if (out.full || (bad === undefined && out.file !== file)) return false;
      queue.shift(oldest);
      if (orderMs < this.#leftMs) this.late++;
      else this.#leftMs = orderMs;
      if (bad === undefined) {
        if (!isDue) this.early++;
        held.moveTo(out, oldest);
      } else {
        out.bad.push({ ...bad, index: out.count });
        held.releaseBad(oldest);
      }
    }
    return true;
  }
}
