import { BLOCK_RECORDS_MAX } from '../../core/record.js';

/** How many rows are needed to judge a recording that comes in several blocks. */
const ROWS_TO_JUDGE = 256;
/** Too few rows to judge a recording that is one block. */
const ROWS_MIN = 4;
/** In random order, half of all pairs go back. */
const BACKWARD_SHARE = 0.4;

/**
 * Checks whether the first rows of a recording are mostly out of order: newest first, sorted by something other than
 * time, or not sorted. In such rows, neighbors go back in time, and so do rows that are a quarter of all rows apart.
 * Slightly shuffled rows don't go back over that distance, and neighbors in concatenated files mostly don't go back.
 */
export class OrderCheck {
  readonly #times = new Float64Array(BLOCK_RECORDS_MAX);
  #rows = 0;
  #done = false;

  /**
   * Looks at more rows. Returns how many rows were found to be mostly out of order; undefined if they are not, so far.
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
