import type { FormatName } from '../core/format-names.js';
import type { InputOptions } from './input-options.js';
import type { RecordParser } from './record-parser.js';

/** The beginning of a file, after a byte order mark. */
export interface FileHead {
  /** How messages call the file. */
  readonly label: string;
  /** Lower case, without the dot and without .gz or .zst; empty if the name has none. */
  readonly extension: string;
  /** As much as has been read. */
  readonly bytes: Buffer;
  /** The first line that is not blank, as far as it has been read. */
  readonly firstLine: string;
  /** Nothing follows the first line. */
  readonly isLone: boolean;
  /** LF; or CR in a file that begins with a long text without a LF. */
  readonly lineEnd: number;
}

/** Options without effect on a format. Giving one is an error, because ignoring it silently would be worse. */
export interface IgnoredFlags {
  readonly flags: readonly ReadingFlag[];
  /** Why they have no effect, to follow the name of the file. */
  readonly because: string;
  readonly hint: string;
}

/** A format of files. */
export interface Format {
  /** As `--format` takes it. */
  readonly name: FormatName;
  /** Files with one of these extensions have this format, or another one with the same extension. */
  readonly extensions: readonly string[];
  /** True if its content is unmistakable, so that the extension does not matter. */
  readonly ignoresExtension?: boolean;
  /** Whether the content looks like this format. The formats are asked in the order of the table. */
  recognises(head: FileHead, options: InputOptions): boolean;
  readonly ignores: readonly IgnoredFlags[];
  /** @throws KloadError `input` or `usage` if the options do not fit the file */
  createParser(head: FileHead, options: InputOptions): RecordParser;
}

const IS_GIVEN = {
  '--no-header': ({ header }) => !header,
  '--delimiter': ({ delimiter }) => delimiter !== undefined,
  '--data-field': ({ dataField }) => dataField !== undefined,
  '--timestamp-field': ({ timestampField }) => timestampField !== undefined,
  '--partition-key-field': ({ partitionKeyField }) => partitionKeyField !== undefined,
  '--explicit-hash-key-field': ({ explicitHashKeyField }) => explicitHashKeyField !== undefined,
  '--headers-field': ({ headersField }) => headersField !== undefined,
  '--timestamp-format': ({ timestampFormat = 'auto' }) => timestampFormat !== 'auto',
  '--timestamp-zone': ({ timestampZone }) => timestampZone !== undefined,
  '--data-encoding': ({ dataEncoding = 'utf8' }) => dataEncoding !== 'utf8',
  '--unwrap': ({ unwrap }) => unwrap === 'kinesis',
} satisfies Readonly<Record<string, (options: InputOptions) => boolean>>;

/** The flag of an option that says how to read some of the formats. */
export type ReadingFlag = keyof typeof IS_GIVEN;

/** Flags that name a column or a path. */
export const FIELD_FLAGS = [
  '--data-field',
  '--timestamp-field',
  '--partition-key-field',
  '--explicit-hash-key-field',
  '--headers-field',
] as const satisfies readonly ReadingFlag[];

export const CSV_FLAGS = ['--no-header', '--delimiter'] as const satisfies readonly ReadingFlag[];

/** What every format but CSV ignores. */
export const NOT_CSV: IgnoredFlags = {
  flags: CSV_FLAGS,
  because: 'is not CSV',
  hint: 'leave it out, or pass --format csv',
};

/** The first of these flags that was given; undefined if none was. */
export function firstGiven(flags: readonly ReadingFlag[], options: InputOptions): ReadingFlag | undefined {
  return flags.find((flag) => IS_GIVEN[flag](options));
}
