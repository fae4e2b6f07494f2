import { CSV_FLAGS, FIELD_FLAGS, type FileHead, type Format, firstGiven } from '../format.js';
import type { InputOptions } from '../input-options.js';
import { delimiterIn, dialectOf } from './csv-dialect.js';
import { CsvParser } from './csv-parser.js';

const EXTENSIONS = ['csv', 'tsv', 'tab'];
/** Text with delimiters in it is not CSV in files with these extensions. */
const PROSE_EXTENSIONS = ['txt', 'log'];

export const CSV: Format = {
  name: 'csv',
  extensions: EXTENSIONS,
  ignores: [],

  recognises: (head, options) => asksForColumns(options) || looksLikeCsv(head, options),

  createParser(head, options) {
    const isGuess = options.format === 'auto' && !EXTENSIONS.includes(head.extension) && !asksForColumns(options);
    return new CsvParser(head.label, options, dialectOf(head, options), isGuess);
  },
};

/** Options about columns are given for files that have columns. */
function asksForColumns(options: InputOptions): boolean {
  return firstGiven([...CSV_FLAGS, ...FIELD_FLAGS], options) !== undefined;
}

function looksLikeCsv({ extension, firstLine }: FileHead, { header }: InputOptions): boolean {
  if (PROSE_EXTENSIONS.includes(extension)) return false;
  return firstLine.startsWith('"') || delimiterIn(firstLine, header) !== undefined;
}
