import { BLOCK_RECORDS_MAX } from '../../core/record.js';

/** So many rows say whether a recording is in order, wherever it came from. */
const ROWS_TO_JUDGE = 256;
/** Fewer rows say nothing. */
const ROWS_MIN = 4;
/** In rows in no order at all, half the pairs go back. */
const BACKWARD_SHARE = 0.4;

/**
 * Whether the first rows of a recording are mostly out of order: newest first, sorted by something else than time, or
 * not at all. Then neighbors go back in time, and so do rows that are a quarter of all apart, which are far enough from
 * each other not to be out of order by chance. Rows that are slightly shuffled fail the second test, files one after
 * another the first.
 */
export class OrderCheck {
  readonly #times = new Float64Array(BLOCK_RECORDS_MAX);
  #rows = 0;
  #done = false;

  /**
   * Looks at further rows. Returns after how many they are found to be mostly out of order; undefined: they are not, or
   * not yet.
   */
  look(times: Float64Array, count: number): number | undefined {
    if (this.#done || count === 0) return undefined;
    const isFirst = this.#rows === 0;
    const taken = Math.min(count, BLOCK_RECORDS_MAX - this.#rows);
    this.#times.set(times.subarray(0, taken), this.#rows);
    this.#rows += taken;
    this.#done = this.#rows === BLOCK_RECORDS_MAX;
    if (this.#rows < (isFirst ? ROWS_MIN : ROWS_TO_JUDGE)) return undefined;
    return this.#goesBack(1) && this.#goesBack(Math.max(2, this.#rows >> 2)) ? this.#rows : undefined;
  }

  #goesBack(apart: number): boolean {
    let back = 0;
    let on = 0;
    for (let at = apart; at < this.#rows; at++) {
      const [before, after] = [this.#times[at - apart]!, this.#times[at]!];
      if (after < before) back++;
      else if (after > before) on++;
    }
    return back > (back + on) * BACKWARD_SHARE;
  }
}
