/**
 * From here on the runtime's own encoder is faster: a call costs some 500 ns, much of it for the string that it leaves behind,
 * the table 1.4 ns a byte. Processor time on Node 20, with what the garbage costs: 100 B: 150 ns by table, 520 by the runtime;
 * 300 B: 430 and 560; 500 B: 690 and 590; 1 kB: 1,400 and 840.
 */
export const NATIVE_FROM_BYTES = 400;

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PADDING = 0x3d;

/** The two characters of each 12 bits, in the order in which a little-endian store writes them. 8 kB, to stay in the cache. */
const PAIRS = Uint16Array.from({ length: 4096 }, (_, bits) => ALPHABET[bits >> 6]! | (ALPHABET[bits & 63]! << 8));

/**
 * Writes source[start, end) in base64 and returns where it ends.
 *
 * @param source     and a view of the same bytes
 * @param into       has room for it, and a view of the same bytes
 */
export function writeBase64(
  source: Buffer,
  sourceView: DataView,
  start: number,
  end: number,
  into: Buffer,
  intoView: DataView,
  at: number,
): number {
  if (end - start >= NATIVE_FROM_BYTES) return at + into.write(source.toString('base64', start, end), at, 'latin1');
  let from = start;
  let to = at;
  // Six bytes a turn, as two loads of four of which the last byte is not used: so `<`, for the seventh is read too.
  for (const last = end - 6; from < last; from += 6, to += 8) {
    const first = sourceView.getInt32(from);
    const second = sourceView.getInt32(from + 3);
    intoView.setInt32(to, PAIRS[first >>> 20]! | (PAIRS[(first >>> 8) & 4095]! << 16), true);
    intoView.setInt32(to + 4, PAIRS[second >>> 20]! | (PAIRS[(second >>> 8) & 4095]! << 16), true);
  }
  for (; from < end; from += 3, to += 4) {
    const bytes = end - from;
    const bits = (source[from]! << 16) | (bytes > 1 ? source[from + 1]! << 8 : 0) | (bytes > 2 ? source[from + 2]! : 0);
    intoView.setInt32(to, PAIRS[bits >>> 12]! | (PAIRS[bits & 4095]! << 16), true);
    if (bytes < 3) into[to + 3] = PADDING;
    if (bytes < 2) into[to + 2] = PADDING;
  }
  return to;
}
