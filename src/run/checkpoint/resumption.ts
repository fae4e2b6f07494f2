import type { Ordinals } from './ordinals.js';

/**
 * What is left of a run that was interrupted: the records that were not settled, and all that was not read. It is asked
 * for the records in their order.
 */
export class Resumption {
  /** The first record that no earlier leg of the run read. */
  readonly next: number;
  readonly #unsettled: Iterator<readonly [from: number, to: number]>;
  #from = 0;
  #to = 0;

  constructor(next: number, unsettled: Ordinals) {
    this.next = next;
    this.#unsettled = unsettled.ranges();
  }

  /** How many records from this one on need nothing more. */
  settledFrom(ordinal: number): number {
    while (ordinal >= this.#to && this.#to !== Number.POSITIVE_INFINITY) {
      const range = this.#unsettled.next();
      [this.#from, this.#to] = range.done === true ? [this.next, Number.POSITIVE_INFINITY] : range.value;
    }
    return Math.max(0, this.#from - ordinal);
  }

  /** How many records from this one on, which is not settled, are not; without a bound from `next` on. */
  unsettledFrom(ordinal: number): number {
    return this.#to - ordinal;
  }
}
