/** Fewer answers than this tell nothing. */
const ANSWERS_MIN = 10;
/** As many are remembered from earlier tests: a shard that is sent little gives few in one. */
const ANSWERS_REMEMBERED = 100;
/** A shard that throws back more than this takes nearly nothing, and is sent nearly nothing. */
export const CHANCE_MAX = 0.75;

/** The share of records that a shard throttles whatever it is sent, as tests at less than it takes have shown. */
export class Chance {
  #accepted = 0;
  #throttled = 0;

  /** 0 where it is not known, too. */
  get share(): number {
    if (!this.known) return 0;
    const share = this.#throttled / (this.#accepted + this.#throttled);
    return share > CHANCE_MAX ? 0 : share;
  }

  get known(): boolean {
    return this.#accepted + this.#throttled >= ANSWERS_MIN;
  }

  /**
   * Whether a shard that threw back so many of so many did so for more than chance: as much again as chance would have it
   * throw back of what it took, or more than chance scatters by.
   */
  isExceeded(throttled: number, answers: number): boolean {
    const { share } = this;
    if (share === 0) return throttled > 0;
    if (throttled > CHANCE_MAX * answers + 1) return true;
    const expected = share * answers;
    return throttled > Math.max(expected * (2 - share), expected + 2 * Math.sqrt(expected)) + 1;
  }

  /** Makes what earlier tests have shown weigh no more than so many answers. */
  beginTest(): void {
    const weight = Math.min(1, ANSWERS_REMEMBERED / Math.max(1, this.#accepted + this.#throttled));
    this.#accepted *= weight;
    this.#throttled *= weight;
  }

  add(accepted: number, throttled: number): void {
    this.#accepted += accepted;
    this.#throttled += throttled;
  }
}
