/** An array of twice the length that begins with the same numbers. */
export function grown<T extends Uint8Array | Int32Array | Float64Array>(from: T): T {
  const to = new (from.constructor as new (length: number) => T)(2 * from.length);
  to.set(from);
  return to;
}

/** Whether `bytes[from, to)` are the expected bytes. Faster than Buffer.compare for a few bytes. */
export function rangeEquals(bytes: Uint8Array, from: number, to: number, expected: Uint8Array): boolean {
  if (to - from !== expected.length) return false;
  for (let at = 0; at < expected.length; at++) {
    if (bytes[from + at] !== expected[at]) return false;
  }
  return true;
}
