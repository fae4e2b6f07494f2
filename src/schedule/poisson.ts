const TWO_32 = 2 ** 32;

/**
 * The distance between record `n` and the next one if records arrive at random: exponentially distributed, with a mean
 * of 1. It depends on the seed and on `n` alone.
 */
export function poissonGap(seed: number, n: number): number {
  const hash = mixed(mixed(mixed(seed) + Math.floor(n / TWO_32)) + n);
  // Between 0 and 1, and neither of them.
  return -Math.log((hash + 0.5) / TWO_32);
}

/** Spreads the lower 32 bits of a number over all 32 bits (the finalizer of MurmurHash3, by A. Appleby). */
function mixed(n: number): number {
  let hash = (n + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
