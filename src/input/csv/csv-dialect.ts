import { CR } from '../../bytes/ascii.js';
import type { FileHead } from '../format.js';
import type { InputOptions } from '../input-options.js';

/** The delimiters that are recognised, and their names. */
export const DELIMITER_NAMES: ReadonlyMap<string, string> = new Map([
  [',', 'comma'],
  ['\t', 'tab'],
  [';', 'semicolon'],
  ['|', 'pipe'],
]);

/** How a CSV file is written. */
export interface CsvDialect {
  /** One ASCII character. */
  readonly delimiter: string;
  /** LF (with or without a CR before it) or CR. */
  readonly lineEnd: number;
  /** The first line names the delimiter, as Excel writes it: `sep=;`. */
  readonly namesDelimiter: boolean;
}

/**
 * Finds how a file is written. Its delimiter is the one of the options, or of `sep=`, or a tab in `.tsv`, or the one
 * that occurs most in the first line, outside of quotes. Without a header that line is data, where a comma beats all
 * others.
 */
export function dialectOf({ extension, firstLine: text, lineEnd }: FileHead, options: InputOptions): CsvDialect {
  // Where rows end in CR, a cell may hold a LF.
  const line = text.slice(text.lastIndexOf('\n') + 1);
  const bareCr = withoutQuoted(line).search(/\r(?!$)/);
  const firstLine = bareCr < 0 ? line : line.slice(0, bareCr);
  const named = /^"?sep=(.)"?\r?$/i.exec(firstLine)?.[1];
  const isTabs = extension === 'tsv' || extension === 'tab';
  const found = isTabs ? '\t' : delimiterIn(firstLine, options.header);
  const delimiter = options.delimiter ?? named ?? found ?? ',';
  return { delimiter, lineEnd: bareCr < 0 ? lineEnd : CR, namesDelimiter: named !== undefined };
}

/** The delimiter that a line most likely uses; undefined if it has none. */
export function delimiterIn(line: string, hasHeader: boolean): string | undefined {
  const unquoted = withoutQuoted(line);
  const count = (delimiter: string) => unquoted.split(delimiter).length - 1;
  if (!hasHeader && count(',') > 0) return ',';
  let most: string | undefined;
  for (const delimiter of DELIMITER_NAMES.keys()) {
    if (count(delimiter) > (most === undefined ? 0 : count(most))) most = delimiter;
  }
  return most;
}

/** The line with blanks in place of everything in quotes. */
function withoutQuoted(line: string): string {
  return line.replace(/"[^"]*("|$)/g, (quoted) => ' '.repeat(quoted.length));
}
