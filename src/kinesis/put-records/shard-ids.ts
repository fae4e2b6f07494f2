/** Shard ids in responses: 'shardId-' and twelve digits. */
export const SHARD_PREFIX = 'shardId-';
export const SHARD_DIGITS = 12;

/** Ids of shards below this number are made once and reused for all responses. */
const SHARDS_KEPT_MAX = 100_000;
const kept: string[] = [];

const ZERO = 0x30;

/** A mask for the upper half of each of four bytes. */
const HIGH_HALVES = 0xf0f0f0f0 | 0;
const DIGITS = 0x30303030;
const SIXES = 0x06060606;

/**
 * Returns the id whose twelve digits begin at `digits`; undefined if they are not all digits. The fast path reads ids
 * below ten thousand, whose first eight digits are zeros.
 */
export function shardIdAt(bytes: Buffer, view: DataView, digits: number): string | undefined {
  const isSmall = view.getInt32(digits) === DIGITS && view.getInt32(digits + 4) === DIGITS;
  const four = view.getInt32(digits + 8) - DIGITS;
  // All upper halves are 0 for characters from 0x30 to 0x3f: the digits and six more. Adding six carries out of the
  // lower half for these six.
  if (!isSmall || ((four | (four + SIXES)) & HIGH_HALVES) !== 0) return anyShardIdAt(bytes, digits);
  return keptId((four >>> 24) * 1000 + ((four >>> 16) & 15) * 100 + ((four >>> 8) & 15) * 10 + (four & 15));
}

/** Returns the same id, but reads digit by digit, and may be called if the buffer ends too early. */
export function anyShardIdAt(bytes: Buffer, digits: number): string | undefined {
  let number = 0;
  for (let at = digits; at < digits + SHARD_DIGITS; at++) {
    const digit = bytes[at]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    number = number * 10 + digit;
  }
  return number < SHARDS_KEPT_MAX ? keptId(number) : idOf(number);
}

function keptId(number: number): string {
  while (kept.length <= number) kept.push(idOf(kept.length));
  return kept[number]!;
}

function idOf(number: number): string {
  return SHARD_PREFIX + String(number).padStart(SHARD_DIGITS, '0');
}
