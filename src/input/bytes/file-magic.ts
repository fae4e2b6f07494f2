/** Files that are not text, by their first bytes (in hexadecimal), with what to do about each. */
const MAGICS: readonly { readonly begins: string; readonly what: string; readonly hint: string }[] = [
  { begins: '425a68', what: 'compressed with bzip2', hint: 'pipe it in: bzip2 -dc FILE | kload run -' },
  { begins: 'fd377a585a00', what: 'compressed with xz', hint: 'pipe it in: xz -dc FILE | kload run -' },
  { begins: '04224d18', what: 'compressed with lz4', hint: 'pipe it in: lz4 -dc FILE | kload run -' },
  { begins: '504b0304', what: 'a zip archive', hint: 'pipe in a file of it: unzip -p FILE NAME | kload run -' },
  { begins: '50415231', what: 'Parquet', hint: 'convert it to CSV or NDJSON' },
  { begins: '4f626a01', what: 'Avro', hint: 'convert it to NDJSON' },
  { begins: 'fffe0000', what: 'UTF-32, not UTF-8', hint: 'convert it with iconv -f UTF-32 -t UTF-8' },
  { begins: '0000feff', what: 'UTF-32, not UTF-8', hint: 'convert it with iconv -f UTF-32 -t UTF-8' },
  { begins: 'fffe', what: 'UTF-16, not UTF-8', hint: 'convert it with iconv -f UTF-16 -t UTF-8' },
  { begins: 'feff', what: 'UTF-16, not UTF-8', hint: 'convert it with iconv -f UTF-16 -t UTF-8' },
];

/** So many bytes say what a file is. */
export const MAGIC_BYTES_MAX = Math.max(...MAGICS.map(({ begins }) => begins.length / 2));

/** What a file is that can't be read, and what to do about it; undefined: nothing is known against it. */
export function unreadableKind(head: Buffer): { readonly what: string; readonly hint: string } | undefined {
  const hex = head.toString('hex');
  return MAGICS.find(({ begins }) => hex.startsWith(begins));
}
