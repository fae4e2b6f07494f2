import { bytesOf } from '../protocol/bytes.js';
import { md5Words } from './md5.js';

/**
 * Hash keys are unsigned 128-bit integers. Routing keeps many of them in one array, each as four 32-bit words, highest
 * first, so that no record needs a BigInt or a string.
 */
export const HASH_KEY_WORDS = 4;

export const HASH_KEY_MAX = 2n ** 128n - 1n;

/** The hash key of a partition key, as four words. */
export function hashKeyOf(partitionKey: string): Uint32Array {
  const bytes = Buffer.from(partitionKey);
  const words = new Uint32Array(HASH_KEY_WORDS);
  md5Words(bytesOf(bytes), 0, bytes.length, words, 0);
  return words;
}

/** Parses an ExplicitHashKey; undefined if it is above 2^128 - 1. */
export function parseHashKey(decimal: string): Uint32Array | undefined {
  const value = BigInt(decimal);
  if (value > HASH_KEY_MAX) return undefined;
  const words = new Uint32Array(HASH_KEY_WORDS);
  writeHashKey(value, words, 0);
  return words;
}

/** Writes a hash key to `words` from index `at` on. */
export function writeHashKey(value: bigint, words: Uint32Array, at: number): void {
  for (let i = 0; i < HASH_KEY_WORDS; i++) words[at + i] = Number((value >> BigInt(32 * (3 - i))) & 0xffff_ffffn);
}

/** Whether the hash key in `a` at index `aAt` is above the one in `b` at index `bAt`. */
export function isAbove(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): boolean {
  for (let i = 0; i < HASH_KEY_WORDS; i++) {
    const word = a[aAt + i]!;
    const other = b[bAt + i]!;
    if (word !== other) return word > other;
  }
  return false;
}

/** Both ends inclusive. */
export interface HashKeyRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Splits all hash keys into `count` equal ranges. The last one gets the remainder, as in the service. */
export function evenRanges(count: number): HashKeyRange[] {
  const width = (HASH_KEY_MAX + 1n) / BigInt(count);
  return Array.from({ length: count }, (_, i) => {
    const start = width * BigInt(i);
    return { start, end: i === count - 1 ? HASH_KEY_MAX : start + width - 1n };
  });
}
