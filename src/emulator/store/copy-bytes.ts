/** Up to here a loop is faster than a call of `Buffer.copy`, whose cost is the same for any length that records have. */
const LOOP_MAX = 40;

export function copyBytes(source: Buffer, start: number, length: number, target: Buffer, at: number): void {
  if (length > LOOP_MAX) {
    source.copy(target, at, start, start + length);
    return;
  }
  for (let i = 0; i < length; i++) target[at + i] = source[start + i]!;
}
