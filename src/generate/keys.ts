import type { KeyDistribution } from '../core/made-load.js';
import { Random } from './random.js';
import { Scramble } from './scramble.js';
import { Zipf } from './zipf.js';

/** Separates the random numbers of keys from those of the records' fields. */
const PURPOSE = 1;

export const KEY_PREFIX = 'key-';

export interface KeyPlan {
  /** How many partition keys there are, 1 to 1e9. */
  readonly keys: number;
  readonly keyDistribution: KeyDistribution;
  readonly seed: number;
  /** For one shard that gets a share of all records: its keys, and all others. */
  readonly hotShard?: HotShard | undefined;
}

export interface HotShard {
  readonly share: number;
  readonly keys: Int32Array;
  /** Not empty, unless the share is 1. */
  readonly otherKeys: Int32Array;
}

/** Picks the number of a key from those below `count`. */
type Draw = (random: Random, ordinal: number) => number;

/**
 * The partition keys of a run: `key-` and a number below their count, with leading zeros so that all are as long. Keys
 * that are chosen often do not lie next to each other.
 */
export class Keys {
  /** Digits of each key's number. */
  readonly digits: number;
  readonly #random: Random;
  readonly #draw: Draw;

  constructor({ keys, keyDistribution, seed, hotShard }: KeyPlan) {
    this.digits = keyDigits(keys);
    this.#random = new Random(seed, PURPOSE);
    if (hotShard === undefined) this.#draw = drawOf(keys, keyDistribution, seed);
    else {
      const hot = drawOf(hotShard.keys.length, keyDistribution, seed);
      const other = drawOf(hotShard.otherKeys.length, keyDistribution, seed);
      this.#draw = (random, ordinal) =>
        random.float() < hotShard.share
          ? hotShard.keys[hot(random, ordinal)]!
          : hotShard.otherKeys[other(random, ordinal)]!;
    }
  }

  /** The number of a record's key. */
  of(ordinal: number): number {
    this.#random.begin(ordinal);
    return this.#draw(this.#random, ordinal);
  }
}

function drawOf(count: number, distribution: KeyDistribution, seed: number): Draw {
  switch (distribution.kind) {
    case 'uniform':
      return (random) => random.below(count);
    case 'sequential':
      return (_random, ordinal) => ordinal % count;
    case 'zipf': {
      const zipf = new Zipf(count, distribution.exponent);
      const scramble = new Scramble(count, seed);
      return (random) => scramble.of(zipf.draw(random));
    }
    case 'hotspot': {
      const hot = Math.min(count, Math.max(1, Math.round(count * distribution.hot)));
      const scramble = new Scramble(count, seed);
      const { load } = distribution;
      return (random) => {
        const isHot = hot === count || random.float() < load;
        return scramble.of(isHot ? random.below(hot) : hot + random.below(count - hot));
      };
    }
  }
}

/** The text of a key. */
export function keyText(keys: number, number: number): string {
  return KEY_PREFIX + String(number).padStart(keyDigits(keys), '0');
}

/** The length of each of `keys` keys. */
export function keyBytes(keys: number): number {
  return KEY_PREFIX.length + keyDigits(keys);
}

export function keyDigits(keys: number): number {
  return String(keys - 1).length;
}
