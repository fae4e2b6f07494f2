/** The first byte of UTF-8's byte order mark, EF BB BF: files that were put together have one in the middle. */
export const MARK_FIRST = 0xef;

/**
 * Where the text begins that may begin with a mark: behind that, or at `at`; -1 where the bytes up to `to` don't say.
 */
export function afterMark(bytes: Uint8Array, at: number, to: number, final: boolean): number {
  if (at >= to || bytes[at] !== MARK_FIRST) return at;
  if (at + 3 > to && !final) return -1;
  return at + 3 <= to && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf ? at + 3 : at;
}
