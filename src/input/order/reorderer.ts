import { RecordBlock } from '../../core/record.js';
import { HeldRecords } from './held-records.js';
import { ROWS_AHEAD } from './paced-times.js';
import { TimeQueue } from './time-queue.js';

const WRONG_CLOCK_MS = 3_600_000;
const SILENT = Symbol('silent');

/**
 * Puts the records of a recording in order by their times, those of one time as they came in. A record is held until one
 * was seen that was recorded a whole window after it. Which order comes out depends on the input alone: the clock has a say
 * only where the input may fall silent, for what was typed into a pipe must not wait for ever.
 *
 * A bad record has no time. It stands behind the records that came before it, as if it were as new as the newest of them.
 */
export class Reorderer {
  /** Records older than one that had left before they came: they leave at once. */
  late = 0;
  /** Records that left before their window was over, because no more could be held. */
  early = 0;

  readonly #windowMs: number;
  /**
   * No record that is so far ahead of the newest came out of order: it was recorded after a silence, or by a wrong
   * clock.
   */
  readonly #farMs: number;
  readonly #held = new HeldRecords();
  readonly #queue = new TimeQueue(this.#held, this.#held.capacity);
  readonly #out = new RecordBlock();
  /** Of all records that came. */
  #newestMs = Number.NEGATIVE_INFINITY;
  /** Of the records that left. */
  #leftMs = Number.NEGATIVE_INFINITY;
  /** No more comes, or not for long: all leave. */
  #flushing = false;
  /** What is taken next of the block at hand. */
  #index = 0;
  #bad = 0;
  /** All that came, bad records included. */
  #taken = 0;

  /** @param windowMs in recorded time */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#farMs = windowMs + WRONG_CLOCK_MS;
  }

  /** How much of what was taken has left, when this part of the block yielded last was used. */
  shareLeft(blockShare: number): number {
    if (this.#taken === 0) return 1;
    const waiting = this.#held.count + this.#out.count * (1 - blockShare);
    return (this.#taken - waiting) / this.#taken;
  }

  /** @param mayFallSilent whether the input that is read now is one that may say nothing for long, and go on then */
  async *reordered(
    blocks: AsyncIterable<RecordBlock>,
    mayFallSilent: () => boolean,
  ): AsyncGenerator<RecordBlock, void> {
    const iterator = blocks[Symbol.asyncIterator]();
    try {
      let next = iterator.next();
      for (;;) {
        const result = this.#held.count > 0 ? await this.#orSilent(next) : await next;
        if (result === SILENT) {
          if (mayFallSilent()) yield* this.#flush();
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

  /** What comes within the window's length by the clock, else SILENT. */
  async #orSilent<T>(next: Promise<T>): Promise<T | typeof SILENT> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<typeof SILENT>((resolve) => {
      timer = setTimeout(() => resolve(SILENT), this.#windowMs);
      // A run that ends does not wait for it.
      timer.unref();
    });
    try {
      return await Promise.race([next, silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  *#takeBlock(block: RecordBlock): Generator<RecordBlock, void> {
    this.#held.copyBytes(block);
    this.#index = 0;
    this.#bad = 0;
    yield* this.#leaving(block);
  }

  *#flush(): Generator<RecordBlock, void> {
    this.#flushing = true;
    yield* this.#leaving(undefined);
    this.#flushing = false;
  }

  /** What leaves when the rest of a block is taken. */
  *#leaving(block: RecordBlock | undefined): Generator<RecordBlock, void> {
    const out = this.#out;
    for (;;) {
      out.reset('', this.#held.bytes);
      while (this.#release() && block !== undefined && this.#take(block));
      if (out.empty) return;
      yield out;
    }
  }

  /** Takes the next record of a block; false: there is none. */
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
   * Whether most of the next records are far older: then this one's clock is wrong. It stays with its neighbors,
   * and does not end the window of the records after it.
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

  /** Lets all go that may; false: the block that they leave with has no room for more. */
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
