/** Files that are not text, by their first bytes in hexadecimal, and what to do about each. */
const MAGICS: readonly { readonly begins: string; readonly what: string; readonly hint: string }[] = [
  { begins: '425a68', what: 'compressed with bzip2', hint: 'pipe it in: bzip2 -dc FILE | kload run -' },
  { begins: 'fd377a585a00', what: 'compressed with xz', hint: 'pipe it in: xz -dc FILE | kload run -' },
  { begins: '04224d18', what: 'compressed with lz4', hint: 'pipe it in: lz4 -dc FILE | kload run -' },
  { begins: '504b0304', what: 'a zip archive', hint: 'pipe in a file from it: unzip -p FILE NAME | kload run -' },
  { begins: '50415231', what: 'Parquet', hint: 'convert it to CSV or NDJSON' },
  { begins: '4f626a01', what: 'Avro', hint: 'convert it to NDJSON' },
  { begins: 'fffe0000', what: 'UTF-32, not UTF-8', hint: 'convert it with iconv -f UTF-32 -t UTF-8' },
  { begins: '0000feff', what: 'UTF-32, not UTF-8', hint: 'convert it with iconv -f UTF-32 -t UTF-8' },
  { begins: 'fffe', what: 'UTF-16, not UTF-8', hint: 'convert it with iconv -f UTF-16 -t UTF-8' },
  { begins: 'feff', what: 'UTF-16, not UTF-8', hint: 'convert it with iconv -f UTF-16 -t UTF-8' },
];

/** How many bytes `unreadableKind` needs. */
export const MAGIC_BYTES_MAX = Math.max(...MAGICS.map(({ begins }) => begins.length / 2));

/** What kind of unreadable file this is, and what to do about it; undefined if it may be readable. */
export function unreadableKind(head: Buffer): { readonly what: string; readonly hint: string } | undefined {
  const hex = head.toString('hex');
  return MAGICS.find(({ begins }) => hex.startsWith(begins));
}

/** The first byte of UTF-8's byte order mark, EF BB BF. Concatenated files have marks in the middle. */
export const MARK_FIRST = 0xef;

/** Where the text at `at` begins, after a mark if there is one; -1 if the bytes up to `to` are too few to decide. */
export function afterMark(bytes: Uint8Array, at: number, to: number, final: boolean): number {
  if (at >= to || bytes[at] !== MARK_FIRST) return at;
  if (at + 3 > to && !final) return -1;
  return at + 3 <= to && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf ? at + 3 : at;
}
