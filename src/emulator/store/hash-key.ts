import { bytesOf } from '../protocol/bytes.js';
import { md5Words } from './md5.js';

/**
 * Hash keys are unsigned 128-bit integers. Where records are routed they are four words of 32 bits each, the highest
 * first, in an array of many: no record costs a BigInt or a text.
 */
export const HASH_KEY_WORDS = 4;

export const HASH_KEY_MAX = 2n ** 128n - 1n;

/** The hash key of a single partition key. */
export function hashKeyOf(partitionKey: string): Uint32Array {
  const bytes = Buffer.from(partitionKey);
  const words = new Uint32Array(HASH_KEY_WORDS);
  md5Words(bytesOf(bytes), 0, bytes.length, words, 0);
  return words;
}

/** Reads an ExplicitHashKey; undefined where it is above 2^128 - 1. */
export function parseHashKey(decimal: string): Uint32Array | undefined {
  const value = BigInt(decimal);
  if (value > HASH_KEY_MAX) return undefined;
  const words = new Uint32Array(HASH_KEY_WORDS);
  writeHashKey(value, words, 0);
  return words;
}

/** Writes a hash key to `words`, beginning at `at`. */
export function writeHashKey(value: bigint, words: Uint32Array, at: number): void {
  for (let i = 0; i < HASH_KEY_WORDS; i++) words[at + i] = Number((value >> BigInt(32 * (3 - i))) & 0xffff_ffffn);
}

/** Whether the hash key in `a` at `aAt` is above that in `b` at `bAt`. */
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

/** All hash keys in `count` equal ranges; what the division leaves over goes to the last one, as the service does it. */
export function evenRanges(count: number): HashKeyRange[] {
  const width = (HASH_KEY_MAX + 1n) / BigInt(count);
  return Array.from({ length: count }, (_, i) => {
    const start = width * BigInt(i);
    return { start, end: i === count - 1 ? HASH_KEY_MAX : start + width - 1n };
  });
}
