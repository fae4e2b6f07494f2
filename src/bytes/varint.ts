/** Kafka's varints: seven bits a byte, the lowest first, of numbers whose sign stands in the lowest bit. */

/** Bytes that a length takes: from 0 on, below 2^30. */
export function lengthBytes(length: number): number {
  if (length < 0x40) return 1;
  if (length < 0x2000) return 2;
  if (length < 0x100000) return 3;
  return length < 0x8000000 ? 4 : 5;
}

/** @returns where it ends */
export function writeLength(length: number, into: DataView, at: number): number {
  let left = length << 1;
  let to = at;
  for (; left >= 0x80; left >>>= 7) into.setUint8(to++, left | 0x80);
  into.setUint8(to, left);
  return to + 1;
}

/** Bytes that any whole number takes, up to 2^52 and down to -2^52. */
export function numberBytes(value: number): number {
  let bytes = 1;
  for (let left = zigzag(value); left >= 0x80; left = Math.floor(left / 0x80)) bytes++;
  return bytes;
}

/** @returns where it ends */
export function writeNumber(value: number, into: DataView, at: number): number {
  let left = zigzag(value);
  let to = at;
  // Not by bit operations: these know 32 bits, and a month has more milliseconds.
  for (; left >= 0x80; left = Math.floor(left / 0x80)) into.setUint8(to++, (left % 0x80) | 0x80);
  into.setUint8(to, left);
  return to + 1;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
