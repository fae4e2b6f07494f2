import { type Bytes, bytesOf, copyBytes } from '../protocol/bytes.js';

/**
 * The service's sequence numbers: 56 decimal digits which in hexadecimal are
 * `2 | shard created, s (9) | shard (1) | index (16) | 00 | time, s (9) | shard (8) | 2`.
 */
export interface SequenceNumber {
  /** Epoch seconds. */
  readonly shardCreatedSeconds: number;
  readonly shardIndex: number;
  /** Counts the shard's records; the shard itself begins at 0, its first record is 1. */
  readonly index: number;
  /** Epoch seconds. */
  readonly seconds: number;
}

/** The index in the number that ends a shard, and the bits below an index. */
const ENDING_INDEX = 0x7fff_ffff_ffff_ffffn;
const INDEX_BITS_FROM = 80n;

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

export function formatSequenceNumber(number: SequenceNumber): string {
  const { shardCreatedSeconds, shardIndex, index, seconds } = number;
  const shard = hex(shardIndex, 8);
  const text = `2${hex(shardCreatedSeconds, 9)}${shard.slice(-1)}${hex(index, 16)}00${hex(seconds, 9)}${shard}2`;
  return BigInt(`0x${text}`).toString();
}

/** The number that ends a closed shard: above those of all its records. Times are epoch seconds. */
export function endingSequenceNumber(shardCreatedSeconds: number, shardIndex: number, seconds: number): string {
  const first = BigInt(formatSequenceNumber({ shardCreatedSeconds, shardIndex, index: 0, seconds }));
  return String(first + (ENDING_INDEX << INDEX_BITS_FROM));
}

/** Reads decimal digits; undefined where they are no sequence number of this form. */
export function parseSequenceNumber(decimal: string): SequenceNumber | undefined {
  const text = BigInt(decimal).toString(16);
  const parts = /^2(.{9})(.)([0-7].{15})00(.{9})([0-7].{7})2$/.exec(text);
  if (parts === null) return undefined;
  const [shardCreatedSeconds, , index, seconds, shardIndex] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  return { shardCreatedSeconds: shardCreatedSeconds!, shardIndex: shardIndex!, index: index!, seconds: seconds! };
}

export const SEQUENCE_NUMBER_DIGITS = 56;

/** The lowest 27 digits of the number, in three limbs that a small integer holds. */
const LIMB = 1_000_000_000;
const LIMBS_DIGITS = 27;

/** What the next index adds to the number, as limbs: 2^80. */
const STEP_LOW = Number(2n ** 80n % 1_000_000_000n);
const STEP_MIDDLE = Number((2n ** 80n / 1_000_000_000n) % 1_000_000_000n);
const STEP_HIGH = Number(2n ** 80n / 1_000_000_000_000_000_000n);

/**
 * The sequence numbers of one shard. Numbers are mostly asked for one after the other and many in a second: then the
 * next is the one before plus a constant, which is ten times faster than to write a BigInt in decimal.
 */
export class ShardSequence {
  readonly #shardCreatedSeconds: number;
  readonly #shardIndex: number;
  #index = -1;
  #seconds = -1;
  /** The number before, as ASCII, and a byte behind it that nobody reads. */
  readonly #digits = bytesOf(Buffer.alloc(SEQUENCE_NUMBER_DIGITS + 1));
  #high = 0;
  #middle = 0;
  #low = 0;

  /** @param shardCreatedSeconds epoch seconds */
  constructor(shardCreatedSeconds: number, shardIndex: number) {
    this.#shardCreatedSeconds = shardCreatedSeconds;
    this.#shardIndex = shardIndex;
  }

  /** @param seconds epoch seconds in which the record with this index arrived */
  at(index: number, seconds: number): string {
    this.#goTo(index, seconds);
    return this.#digits.bytes.toString('latin1', 0, SEQUENCE_NUMBER_DIGITS);
  }

  /** Writes the number's 56 digits to `out` at `at`. */
  write(index: number, seconds: number, out: Bytes, at: number): void {
    this.#goTo(index, seconds);
    copyBytes(this.#digits, 0, SEQUENCE_NUMBER_DIGITS, out, at);
  }

  /** Whether a sequence number could be of this shard. */
  owns(number: SequenceNumber): boolean {
    return number.shardIndex === this.#shardIndex && number.shardCreatedSeconds === this.#shardCreatedSeconds;
  }

  #goTo(index: number, seconds: number): void {
    if (index !== this.#index + 1 || seconds !== this.#seconds || !this.#step()) this.#restart(index, seconds);
    this.#index = index;
    this.#seconds = seconds;
  }

  /** False where the sum carries into the digits above the limbs. */
  #step(): boolean {
    let low = this.#low + STEP_LOW;
    let middle = this.#middle + STEP_MIDDLE;
    let high = this.#high + STEP_HIGH;
    if (low >= LIMB) {
      low -= LIMB;
      middle++;
    }
    if (middle >= LIMB) {
      middle -= LIMB;
      high++;
    }
    this.#low = low;
    this.#middle = middle;
    this.#high = high;
    if (high >= LIMB) return false;
    const at = SEQUENCE_NUMBER_DIGITS - LIMBS_DIGITS;
    const { view } = this.#digits;
    writeNineDigits(high, view, at);
    writeNineDigits(middle, view, at + 9);
    writeNineDigits(low, view, at + 18);
    return true;
  }

  #restart(index: number, seconds: number): void {
    const digits = formatSequenceNumber({
      shardCreatedSeconds: this.#shardCreatedSeconds,
      shardIndex: this.#shardIndex,
      index,
      seconds,
    });
    this.#digits.bytes.write(digits, 'latin1');
    const at = digits.length - LIMBS_DIGITS;
    this.#high = Number(digits.slice(at, at + 9));
    this.#middle = Number(digits.slice(at + 9, at + 18));
    this.#low = Number(digits.slice(at + 18));
  }
}

/** '000', '001' and so on to '999', each in the upper three bytes of a big-endian word. */
const THREE_DIGITS = Uint32Array.from({ length: 1000 }, (_, i) =>
  Buffer.from(`${String(i).padStart(3, '0')}\0`).readUInt32BE(),
);

/** Writes a byte more than the nine digits: what comes next stands there. */
function writeNineDigits(limb: number, out: DataView, at: number): void {
  const high = Math.floor(limb / 1_000_000);
  const rest = limb - high * 1_000_000;
  const middle = Math.floor(rest / 1000);
  out.setUint32(at, THREE_DIGITS[high]!);
  out.setUint32(at + 3, THREE_DIGITS[middle]!);
  out.setUint32(at + 6, THREE_DIGITS[rest - middle * 1000]!);
}
