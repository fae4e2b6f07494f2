/** The ids of shards as answers hold them: 'shardId-' and twelve digits. */
export const SHARD_PREFIX = 'shardId-';
export const SHARD_DIGITS = 12;

/** Ids up to here are made once, and kept for all answers. */
const SHARDS_KEPT_MAX = 100_000;
const kept: string[] = [];

const ZERO = 0x30;

/** From 0x30 to 0x3f there are the digits, and six more. */
const HIGH_HALVES = 0xf0f0f0f0 | 0;
const DIGITS = 0x30303030;
const SIXES = 0x06060606;

/**
 * The id whose twelve digits stand at `digits`; undefined if they are none. Of a stream's first ten thousand shards all but
 * the last four are zeros.
 */
export function shardIdAt(bytes: Buffer, view: DataView, digits: number): string | undefined {
  const isSmall = view.getInt32(digits) === DIGITS && view.getInt32(digits + 4) === DIGITS;
  const four = view.getInt32(digits + 8) - DIGITS;
  // Neither below '0' nor, with six more, above '9'.
  if (!isSmall || ((four | (four + SIXES)) & HIGH_HALVES) !== 0) return anyShardIdAt(bytes, digits);
  return keptId((four >>> 24) * 1000 + ((four >>> 16) & 15) * 100 + ((four >>> 8) & 15) * 10 + (four & 15));
}

/** The same, digit by digit, also where the bytes end before them. */
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
