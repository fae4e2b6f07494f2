/** Kafka's varints: numbers with their sign in the lowest bit (zigzag), seven bits per byte, lowest bits first. */

/** Returns the size of a length, which must be at least 0 and less than 2^30. */
export function lengthBytes(length: number): number {
  if (length < 0x40) return 1;
  if (length < 0x2000) return 2;
  if (length < 0x100000) return 3;
  return length < 0x8000000 ? 4 : 5;
}

/** @returns the position after it */
export function writeLength(length: number, into: DataView, at: number): number {
  let left = length << 1;
  let to = at;
  for (; left >= 0x80; left >>>= 7) into.setUint8(to++, left | 0x80);
  into.setUint8(to, left);
  return to + 1;
}

/** Returns the size of a whole number from -2^52 to 2^52. */
export function numberBytes(value: number): number {
  let bytes = 1;
  for (let left = zigzag(value); left >= 0x80; left = Math.floor(left / 0x80)) bytes++;
  return bytes;
}

/** @returns the position after it */
export function writeNumber(value: number, into: DataView, at: number): number {
  let left = zigzag(value);
  let to = at;
  // Bit operations only have 32 bits, which milliseconds of a month exceed.
  for (; left >= 0x80; left = Math.floor(left / 0x80)) into.setUint8(to++, (left % 0x80) | 0x80);
  into.setUint8(to, left);
  return to + 1;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
