import { copyBytes } from '../../bytes/copy.js';
import { type Bytes, bytesOf } from '../protocol/bytes.js';

/**
 * The service's sequence numbers have 56 decimal digits. In hexadecimal (digits in parentheses) they are
 * `2 | shard created, s (9) | last digit of shard (1) | index (16) | 00 | time, s (9) | shard (8) | 2`.
 */
export interface SequenceNumber {
  /** Epoch seconds. */
  readonly shardCreatedSeconds: number;
  readonly shardIndex: number;
  /** Position of the record, from 1 on. 0 in the shard's starting sequence number. */
  readonly index: number;
  /** Epoch seconds. */
  readonly seconds: number;
}

/** The index in the sequence number that ends a shard. */
const ENDING_INDEX = 0x7fff_ffff_ffff_ffffn;
/** Bits of a sequence number below its index. */
const BITS_BELOW_INDEX = 80n;

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

export function formatSequenceNumber(number: SequenceNumber): string {
  const { shardCreatedSeconds, shardIndex, index, seconds } = number;
  const shard = hex(shardIndex, 8);
  const text = `2${hex(shardCreatedSeconds, 9)}${shard.slice(-1)}${hex(index, 16)}00${hex(seconds, 9)}${shard}2`;
  return BigInt(`0x${text}`).toString();
}

/** The ending sequence number of a closed shard, above those of all its records. Times are epoch seconds. */
export function endingSequenceNumber(shardCreatedSeconds: number, shardIndex: number, seconds: number): string {
  const first = BigInt(formatSequenceNumber({ shardCreatedSeconds, shardIndex, index: 0, seconds }));
  return String(first + (ENDING_INDEX << BITS_BELOW_INDEX));
}

/** Parses decimal digits; undefined if they are not a sequence number of this form. */
export function parseSequenceNumber(decimal: string): SequenceNumber | undefined {
  const text = BigInt(decimal).toString(16);
  const parts = /^2(.{9})(.)([0-7].{15})00(.{9})([0-7].{7})2$/.exec(text);
  if (parts === null) return undefined;
  const [shardCreatedSeconds, , index, seconds, shardIndex] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  return { shardCreatedSeconds: shardCreatedSeconds!, shardIndex: shardIndex!, index: index!, seconds: seconds! };
}

export const SEQUENCE_NUMBER_DIGITS = 56;

/** The lowest 27 digits of a number are kept as three limbs, each below this, so that they fit small integers. */
const LIMB = 1_000_000_000;
const LIMBS_DIGITS = 27;

/** The difference between the numbers of two consecutive indexes, 2^80, as limbs. */
const STEP_LOW = Number(2n ** 80n % 1_000_000_000n);
const STEP_MIDDLE = Number((2n ** 80n / 1_000_000_000n) % 1_000_000_000n);
const STEP_HIGH = Number(2n ** 80n / 1_000_000_000_000_000_000n);

/**
 * The sequence numbers of one shard. Most are requested in order, many in the same second. Then each is the previous
 * one plus a constant, which is ten times faster than formatting a BigInt.
 */
export class ShardSequence {
  readonly #shardCreatedSeconds: number;
  readonly #shardIndex: number;
  #index = -1;
  #seconds = -1;
  /** The previous number as ASCII, plus one byte that `writeNineDigits` may overwrite. */
  readonly #digits = bytesOf(Buffer.alloc(SEQUENCE_NUMBER_DIGITS + 1));
  #high = 0;
  #middle = 0;
  #low = 0;

  /** @param shardCreatedSeconds epoch seconds */
  constructor(shardCreatedSeconds: number, shardIndex: number) {
    this.#shardCreatedSeconds = shardCreatedSeconds;
    this.#shardIndex = shardIndex;
  }

  /** @param seconds arrival time of the record with this index, epoch seconds */
  at(index: number, seconds: number): string {
    this.#goTo(index, seconds);
    return this.#digits.bytes.toString('latin1', 0, SEQUENCE_NUMBER_DIGITS);
  }

  /** Writes the number's 56 digits to `out` at offset `at`. */
  write(index: number, seconds: number, out: Bytes, at: number): void {
    this.#goTo(index, seconds);
    copyBytes(this.#digits, 0, SEQUENCE_NUMBER_DIGITS, out, at);
  }

  /** Whether a sequence number has this shard's index and creation time. */
  owns(number: SequenceNumber): boolean {
    return number.shardIndex === this.#shardIndex && number.shardCreatedSeconds === this.#shardCreatedSeconds;
  }

  #goTo(index: number, seconds: number): void {
    if (index !== this.#index + 1 || seconds !== this.#seconds || !this.#step()) this.#restart(index, seconds);
    this.#index = index;
    this.#seconds = seconds;
  }

  /** Adds 2^80 to the number; returns false if the sum carries into the digits above the limbs. */
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

/** '000' to '999', each in the upper three bytes of a big-endian word. */
const THREE_DIGITS = Uint32Array.from({ length: 1000 }, (_, i) =>
  Buffer.from(`${String(i).padStart(3, '0')}\0`).readUInt32BE(),
);

/** Writes nine digits and one byte after them, which the next write overwrites. */
function writeNineDigits(limb: number, out: DataView, at: number): void {
  const high = Math.floor(limb / 1_000_000);
  const rest = limb - high * 1_000_000;
  const middle = Math.floor(rest / 1000);
  out.setUint32(at, THREE_DIGITS[high]!);
  out.setUint32(at + 3, THREE_DIGITS[middle]!);
  out.setUint32(at + 6, THREE_DIGITS[rest - middle * 1000]!);
}
