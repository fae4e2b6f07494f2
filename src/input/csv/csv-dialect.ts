import { CR, LF } from '../../bytes/ascii.js';

/** What a file may have between its fields, by what people call it. */
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
 * Finds how a file is written from its first line, before which there may be blank ones: the delimiter asked for, or
 * that of `sep=`, or a tab in `.tsv`, or the one that the line has most of outside of quotes. Without a header the line
 * is data, where a comma counts before all others.
 */
export function dialectOf(
  name: string,
  text: string,
  hasHeader: boolean,
  asked: string | undefined,
  lineEnd = LF,
): CsvDialect {
  // A cell may hold a LF where rows end in CR.
  const line = text.slice(text.lastIndexOf('\n') + 1);
  const bareCr = withoutQuoted(line).search(/\r(?!$)/);
  const firstLine = bareCr < 0 ? line : line.slice(0, bareCr);
  const named = /^"?sep=(.)"?\r?$/i.exec(firstLine)?.[1];
  const isTabs = /\.(tsv|tab)$/.test(name);
  const delimiter = asked ?? named ?? (isTabs ? '\t' : delimiterIn(firstLine, hasHeader)) ?? ',';
  return { delimiter, lineEnd: bareCr < 0 ? lineEnd : CR, namesDelimiter: named !== undefined };
}

/** The delimiter of a line; undefined if it has none. */
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

/** The line with blanks for all that is in quotes. */
function withoutQuoted(line: string): string {
  return line.replace(/"[^"]*("|$)/g, (quoted) => ' '.repeat(quoted.length));
}
