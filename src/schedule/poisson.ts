import { mixed } from '../bytes/mixed.js';

const TWO_32 = 2 ** 32;

/**
 * The distance between record `n` and the next one if records arrive at random: exponentially distributed, with a mean
 * of 1. It depends on the seed and on `n` alone.
 */
export function poissonGap(seed: number, n: number): number {
  const hash = mixed(mixed(mixed(seed + 0x9e3779b9) + Math.floor(n / TWO_32)) + n) >>> 0;
  // Between 0 and 1, and neither of them.
  return -Math.log((hash + 0.5) / TWO_32);
}
