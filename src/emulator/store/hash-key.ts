import { hash } from 'node:crypto';

/**
 * Hash keys are unsigned 128-bit integers. Where records are routed they are written as 16 characters, one a byte: such
 * texts sort as their numbers do, and MD5 yields them faster than any other form, so that no record costs a BigInt.
 */
export type HashKey = string;

export const HASH_KEY_MAX = 2n ** 128n - 1n;

/** The MD5 of the partition key's UTF-8 bytes. */
export function hashKeyOf(partitionKey: string): HashKey {
  return hash('md5', partitionKey, 'binary');
}

export function toHashKey(value: bigint): HashKey {
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex').toString('latin1');
}

/** Reads an ExplicitHashKey; undefined where it is above 2^128 - 1. */
export function parseHashKey(decimal: string): HashKey | undefined {
  const value = BigInt(decimal);
  return value > HASH_KEY_MAX ? undefined : toHashKey(value);
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
