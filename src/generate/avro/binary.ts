import type { Writer } from '../writer.js';

/**
 * Avro's binary encoding. A long is zigzag, seven bits a byte, the lowest first. Strings and bytes follow their length,
 * items follow their count and end with 0, and a value of a union follows the number of its branch.
 */

/** The largest whole number that a JavaScript number holds exactly takes 54 bits with its sign. */
export const LONG_BYTES_MAX = 8;
export const INT_BYTES_MAX = 5;

/** @param value a whole number. From -2^53 to 2^53 it is exact. */
export function writeLong(writer: Writer, value: number): void {
  const { bytes } = writer;
  // Zigzag would need a bit more than a number has, so the lowest six bits and the sign are written apart.
  const size = value < 0 ? -value - 1 : value;
  let left = Math.floor(size / 64);
  const first = (size - left * 64) * 2 + (value < 0 ? 1 : 0);
  let at = writer.at;
  bytes[at++] = left > 0 ? first | 0x80 : first;
  while (left > 0) {
    const rest = Math.floor(left / 128);
    const low = left - rest * 128;
    bytes[at++] = rest > 0 ? low | 0x80 : low;
    left = rest;
  }
  writer.at = at;
}

/** Bytes of a long of at least 0. */
export function longBytes(value: number): number {
  let bytes = 1;
  for (let bound = 64; value >= bound; bound *= 128) bytes++;
  return bytes;
}

export function writeFloat(writer: Writer, value: number): void {
  writer.at = writer.bytes.writeFloatLE(value, writer.at);
}

export function writeDouble(writer: Writer, value: number): void {
  writer.at = writer.bytes.writeDoubleLE(value, writer.at);
}

/** A whole number in two's complement, the highest byte first. @param width bytes */
export function writeBigEndian(writer: Writer, value: number, width: number): void {
  const { bytes, at } = writer;
  let left = value;
  for (let to = at + width - 1; to >= at; to--) {
    const rest = Math.floor(left / 256);
    bytes[to] = left - rest * 256;
    left = rest;
  }
  writer.at = at + width;
}

/** The bytes that a decimal of `digits` digits needs in two's complement. */
export function decimalBytes(digits: number): number {
  return Math.ceil((digits * Math.log2(10) + 1) / 8);
}

/** The digits that every number of `bytes` bytes in two's complement can have. */
export function decimalDigits(bytes: number): number {
  return Math.floor((8 * bytes - 1) * Math.log10(2));
}
