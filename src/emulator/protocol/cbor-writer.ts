import {
  BREAK,
  EIGHT_BYTES,
  EPOCH_TAG,
  FALSE,
  FLOAT_64,
  FOUR_BYTES,
  INDEFINITE,
  MAJOR,
  ONE_BYTE,
  TRUE,
  TWO_BYTES,
} from './cbor-head.js';
import { Blob, type Output, Timestamp } from './output.js';

/**
 * Writes a response as `application/x-amz-cbor-1.1`, as the service does: maps and lists have an indefinite length,
 * timestamps are tagged and count whole milliseconds.
 */
export function writeCbor(output: Output): Buffer {
  const writer = new Writer();
  writer.value(output);
  return writer.written();
}

const INITIAL_BYTES = 512;
/** The longest head: one byte, and eight for the argument. */
const HEAD_BYTES_MAX = 9;
const UTF8_BYTES_PER_CHARACTER_MAX = 3;

class Writer {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #at = 0;

  written(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  value(value: Output): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') this.#byte(value ? TRUE : FALSE);
    else if (value instanceof Timestamp) this.#timestamp(value);
    else if (value instanceof Blob) this.#bytes(value.bytes);
    else if (Array.isArray(value)) this.#list(value);
    else if (typeof value === 'object') this.#map(value as { readonly [name: string]: Output });
    else throw new Error('undefined cannot be written as CBOR');
  }

  #list(values: readonly Output[]): void {
    this.#byte((MAJOR.list << 5) | INDEFINITE);
    for (const value of values) this.value(value);
    this.#byte(BREAK);
  }

  #map(value: { readonly [name: string]: Output }): void {
    this.#byte((MAJOR.map << 5) | INDEFINITE);
    for (const name of Object.keys(value)) {
      const member = value[name];
      if (member === undefined) continue;
      this.#text(name);
      this.value(member);
    }
    this.#byte(BREAK);
  }

  #timestamp({ ms }: Timestamp): void {
    this.#head(MAJOR.tag, EPOCH_TAG);
    this.#number(Math.round(ms));
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value >= 0) this.#head(MAJOR.unsigned, value);
      else this.#head(MAJOR.negative, -1 - value);
      return;
    }
    this.#reserve(HEAD_BYTES_MAX);
    this.#buffer[this.#at++] = FLOAT_64;
    this.#at = this.#buffer.writeDoubleBE(value, this.#at);
  }

  #bytes(bytes: Buffer): void {
    this.#head(MAJOR.bytes, bytes.length);
    this.#reserve(bytes.length);
    this.#at += bytes.copy(this.#buffer, this.#at);
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text);
    this.#head(MAJOR.text, length);
    this.#reserve(text.length * UTF8_BYTES_PER_CHARACTER_MAX);
    this.#at += this.#buffer.write(text, this.#at);
  }

  /** @param argument a safe integer, not negative */
  #head(major: number, argument: number): void {
    this.#reserve(HEAD_BYTES_MAX);
    const buffer = this.#buffer;
    const type = major << 5;
    if (argument < ONE_BYTE) {
      buffer[this.#at++] = type | argument;
    } else if (argument < 0x100) {
      buffer[this.#at++] = type | ONE_BYTE;
      buffer[this.#at++] = argument;
    } else if (argument < 0x1_0000) {
      buffer[this.#at++] = type | TWO_BYTES;
      this.#at = buffer.writeUInt16BE(argument, this.#at);
    } else if (argument < 0x1_0000_0000) {
      buffer[this.#at++] = type | FOUR_BYTES;
      this.#at = buffer.writeUInt32BE(argument, this.#at);
    } else {
      buffer[this.#at++] = type | EIGHT_BYTES;
      this.#at = buffer.writeUInt32BE(Math.floor(argument / 0x1_0000_0000), this.#at);
      this.#at = buffer.writeUInt32BE(argument % 0x1_0000_0000, this.#at);
    }
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
