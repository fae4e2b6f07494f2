/** The formats of recordings, as `--format` and reports name them, each with what messages call it. */
export const FORMATS = {
  csv: 'CSV',
  ndjson: 'NDJSON',
  json: 'JSON values',
  lines: 'lines of text',
  kload: 'kload records',
} as const;

export type FormatName = keyof typeof FORMATS;
