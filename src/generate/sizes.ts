import { meanOf, type SizeLaw, sigmaOf } from '../core/made-load.js';
import { Random } from './random.js';

/** Separates the random numbers of sizes from those of the records' fields. */
const PURPOSE = 2;
/** Sizes that are drawn to find their mean. */
const SAMPLE = 4096;

/** The size of each record of a run, by its number. Sizes outside the bounds are moved to the nearest bound. */
export class Sizes {
  readonly #law: SizeLaw;
  readonly #random: Random;
  readonly #min: number;
  readonly #max: number;

  /** @param min,max bounds, in bytes */
  constructor(law: SizeLaw, seed: number, min: number, max: number) {
    this.#law = law;
    this.#random = new Random(seed, PURPOSE);
    this.#min = min;
    this.#max = max;
  }

  of(ordinal: number): number {
    const law = this.#law;
    if (law.kind === 'fixed') return law.bytes;
    this.#random.begin(ordinal);
    return Math.min(this.#max, Math.max(this.#min, this.#draw(law)));
  }

  /** The mean size of the records. */
  get mean(): number {
    if (this.#law.kind === 'fixed') return meanOf(this.#law);
    let sum = 0;
    for (let ordinal = 0; ordinal < SAMPLE; ordinal++) sum += this.of(ordinal);
    return sum / SAMPLE;
  }

  #draw(law: Exclude<SizeLaw, { kind: 'fixed' }>): number {
    if (law.kind === 'uniform') return law.min + this.#random.below(law.max - law.min + 1);
    if (law.kind === 'normal') return Math.round(law.mean + law.deviation * this.#random.normal());
    return Math.round(law.p50 * Math.exp(sigmaOf(law) * this.#random.normal()));
  }
}
