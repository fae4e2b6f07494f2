import { MINUS, ZERO } from '../bytes/ascii.js';
import { KEY_PREFIX } from './keys.js';
import { Random } from './random.js';

const PREFIX = Buffer.from(KEY_PREFIX);
const BILLION = 1_000_000_000;
/** Up to this many bytes, a loop is faster than a native copy. */
const LOOP_BYTES_MAX = 8;
const HEX = Buffer.from('0123456789abcdef');
/** 64 characters that need no escaping anywhere: each stands for six random bits. */
const CHARACTERS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

/** Writes the fields of one record after the other to a buffer, whose room the caller has checked. */
export class Writer {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  /** The number of the record, from 0. */
  ordinal = 0;
  /** The number of its key. */
  key = 0;
  /** When it is due, or made if there is no schedule: epoch milliseconds, a whole number. */
  atMs = 0;
  /** Where the record's key was written; -1 if it was not. */
  keyAt = -1;
  /** For the values of the record's fields. Whatever draws from it begins it for the record. */
  readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** Begins a record at `start` of `bytes`. */
  begin(bytes: Buffer, start: number, ordinal: number, key: number, atMs: number): void {
    this.bytes = bytes;
    this.at = start;
    this.ordinal = ordinal;
    this.key = key;
    this.atMs = atMs;
    this.keyAt = -1;
  }

  text(text: Uint8Array): void {
    if (text.length > LOOP_BYTES_MAX) this.bytes.set(text, this.at);
    else for (let i = 0; i < text.length; i++) this.bytes[this.at + i] = text[i]!;
    this.at += text.length;
  }

  byte(byte: number): void {
    this.bytes[this.at++] = byte;
  }

  /** A whole number of at least 0, with leading zeros up to `width` digits. */
  digits(value: number, width: number): void {
    if (value >= BILLION) {
      const high = Math.floor(value / BILLION);
      this.digits(high, width - 9);
      this.#lastDigits(value - high * BILLION, 9);
    } else this.#lastDigits(value, width);
  }

  /** A whole number between -2^53 and 2^53. */
  integer(value: number): void {
    if (value < 0) {
      this.bytes[this.at++] = MINUS;
      this.integer(-value);
    } else this.digits(value, digitsOf(value));
  }

  /** A number in units of the last of its decimal digits. */
  decimal(units: number, decimals: number, scale: number): void {
    const size = Math.abs(units);
    if (units < 0) this.bytes[this.at++] = MINUS;
    const whole = Math.floor(size / scale);
    this.digits(whole, digitsOf(whole));
    if (decimals === 0) return;
    this.bytes[this.at++] = 0x2e;
    this.digits(size - whole * scale, decimals);
  }

  /** The text of the record's key. @param width digits of each key's number */
  keyText(width: number): void {
    this.keyAt = this.at;
    this.text(PREFIX);
    this.digits(this.key, width);
  }

  /** Random hexadecimal digits. */
  hex(count: number): void {
    let bits = 0;
    for (let i = 0; i < count; i++) {
      if ((i & 7) === 0) bits = this.random.bits();
      this.bytes[this.at++] = HEX[bits & 15]!;
      bits >>>= 4;
    }
  }

  /** Random letters, digits, hyphens and underscores. */
  characters(count: number): void {
    const { bytes, random } = this;
    const end = this.at + count;
    let at = this.at;
    while (at < end) {
      let bits = random.bits();
      const until = Math.min(end, at + 5);
      while (at < until) {
        bytes[at++] = CHARACTERS[bits & 63]!;
        bits >>>= 6;
      }
    }
    this.at = end;
  }

  /** A random UUID (version 4). */
  uuid(): void {
    const { bytes, random, at } = this;
    for (let word = 0; word < 4; word++) {
      let bits = random.bits();
      if (word === 1) bits = (bits & ~0x000f_0000) | 0x0004_0000;
      if (word === 2) bits = (bits & ~0xc) | 0x8;
      this.#hexOf(bits, at + UUID_AT[2 * word]!);
      this.#hexOf(bits >>> 16, at + UUID_AT[2 * word + 1]!);
    }
    bytes[at + 8] = MINUS;
    bytes[at + 13] = MINUS;
    bytes[at + 18] = MINUS;
    bytes[at + 23] = MINUS;
    this.at = at + 36;
  }

  #hexOf(bits: number, at: number): void {
    for (let i = 0; i < 4; i++) this.bytes[at + i] = HEX[(bits >>> (4 * i)) & 15]!;
  }

  /** @param value less than 2^31: V8 then divides integers, which is three times as fast */
  #lastDigits(value: number, width: number): void {
    const { bytes } = this;
    let rest = value | 0;
    for (let at = this.at + width - 1; at >= this.at; at--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.at += width;
  }
}

/** Where each group of four digits of a UUID is. */
const UUID_AT = [0, 4, 9, 14, 19, 24, 28, 32];

/** The number of decimal digits of a whole number of at least 0. */
export function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}
