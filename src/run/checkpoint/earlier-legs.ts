import { KloadError } from '../../core/errors.js';
import { formatCount } from '../../core/units.js';
import type { Ordinals } from './ordinals.js';

/**
 * What the earlier legs of a resumed run left to send: the records that they read and did not settle, and all records
 * that they did not read. The feed asks about records in input order, by their ordinals.
 */
export class EarlierLegs {
  /** The first record that no earlier leg read. */
  readonly next: number;
  /** Settled records that the feed has skipped. */
  skipped = 0;
  readonly #unsettled: Iterator<readonly [from: number, to: number]>;
  /** The next range of records to send. */
  #from = 0;
  #to = 0;

  constructor(next: number, unsettled: Ordinals) {
    this.next = next;
    this.#unsettled = unsettled.ranges();
  }

  /** How many records in a row were settled, from `ordinal` on; 0 if that one was not. */
  settledFrom(ordinal: number): number {
    while (ordinal >= this.#to && this.#to !== Number.POSITIVE_INFINITY) {
      const range = this.#unsettled.next();
      [this.#from, this.#to] = range.done === true ? [this.next, Number.POSITIVE_INFINITY] : range.value;
    }
    return Math.max(0, this.#from - ordinal);
  }

  /** How many records in a row are to be sent, from an unsettled one on. Infinity from `next` on. */
  unsettledFrom(ordinal: number): number {
    return this.#to - ordinal;
  }

  /** Skips the settled records from `ordinal` on, at most `most` of them. Returns how many it has skipped. */
  skip(ordinal: number, most: number): number {
    const settled = Math.min(most, this.settledFrom(ordinal));
    this.skipped += settled;
    return settled;
  }

  /** Skips the `count` records from `ordinal` on if all were settled. Otherwise returns false and skips none. */
  skipAll(ordinal: number, count: number): boolean {
    if (this.settledFrom(ordinal) < count) return false;
    this.skipped += count;
    return true;
  }

  /** The error for an input that now ends before `next`. */
  inputEndedAt(ordinal: number): KloadError {
    const [known, now] = [this.next, ordinal].map(formatCount);
    return new KloadError(
      'input',
      `the input now has ${now} records, but ${known} had been read when the run was interrupted`,
      'resume with the original input, or delete the checkpoint to start from the beginning',
    );
  }
}
