import { LF } from '../bytes/ascii.js';
import { KloadError } from '../core/errors.js';
import { isJson, isJsonDocuments, JsonDocuments } from './captures/json-documents.js';
import { delimiterIn, dialectOf } from './csv/csv-dialect.js';
import { CsvParser } from './csv/csv-parser.js';
import type { InputFormat, InputOptions } from './input-options.js';
import { isKloadRecord, KloadLine } from './json/kload-line.js';
import { NdjsonLine } from './json/ndjson-line.js';
import { LineParser } from './line-parser.js';
import type { RecordParser } from './record-parser.js';
import { TextLine } from './text-line.js';

/** The beginning of a file, behind a byte order mark. */
export interface FileHead {
  /** As much as has been read. */
  readonly bytes: Buffer;
  /** The first line that is not blank, as far as it has been read. */
  readonly firstLine: string;
  /** Nothing follows the first line. */
  readonly isLone: boolean;
  /** LF, or CR where so much text has no LF. */
  readonly lineEnd: number;
}

/**
 * Chooses the parser for a file: the format asked for, or else the one that its name or its first line shows.
 *
 * @throws KloadError `input` for a file that no parser can make records of, `usage` for an option that it has no use for
 */
export function createParser(file: string, label: string, head: FileHead, options: InputOptions): RecordParser {
  const { firstLine, lineEnd } = head;
  const name = file.toLowerCase().replace(/\.(gz|zst)$/, '');
  const format = options.format === 'auto' ? detectFormat(name, head, options) : options.format;
  if (format === 'csv') {
    return new CsvParser(label, options, dialectOf(name, firstLine, options.header, options.delimiter, lineEnd));
  }
  rejectUnusedOptions(label, format, options);
  if (format === 'lines') return new LineParser(new TextLine(), lineEnd);
  if (format === 'kload') {
    return new LineParser(new KloadLine(options.needsTimestamp, options.forKafka === true), lineEnd);
  }
  if (options.needsTimestamp && options.timestampField === undefined) {
    const hint = 'for example --timestamp-field .ts';
    throw new KloadError('input', `${label}: JSON needs --timestamp-field for its records' times`, hint);
  }
  if (format === 'json') return new JsonDocuments(new NdjsonLine(options));
  // JSON may have a CR between its tokens.
  return new LineParser(new NdjsonLine(options), isJson(firstLine) ? lineEnd : LF);
}

function detectFormat(name: string, { bytes, firstLine, isLone }: FileHead, options: InputOptions): InputFormat {
  if (isKloadRecord(firstLine)) return 'kload';
  if (/\.(csv|tsv|tab)$/.test(name)) return 'csv';
  if (/\.(ndjson|jsonl|json)$/.test(name) || startsJson(firstLine)) {
    return isJsonDocuments(bytes, firstLine, isLone) ? 'json' : 'ndjson';
  }
  // Who says something of columns has them.
  const { dataField, timestampField, partitionKeyField, explicitHashKeyField, headersField } = options;
  const fields = [dataField, timestampField, partitionKeyField, explicitHashKeyField, headersField];
  const asksForColumns =
    !options.header || options.delimiter !== undefined || fields.some((field) => field !== undefined);
  if (asksForColumns) return 'csv';
  if (/\.(txt|log)$/.test(name)) return 'lines';
  const isCsv = firstLine.startsWith('"') || delimiterIn(firstLine, options.header) !== undefined;
  return isCsv ? 'csv' : 'lines';
}

/** Whether a line begins with a JSON object or array: a log has brackets around its times, too. */
function startsJson(line: string): boolean {
  return /^\s*(\{\s*("|\}|$)|\[\s*(["[{\]]|-?\d+\s*[,\]]|$))/.test(line);
}

/** An option that says nothing about a file would be ignored there, which is worse than refused. */
function rejectUnusedOptions(label: string, format: Exclude<InputFormat, 'csv'>, options: InputOptions): void {
  const { header, delimiter, dataField, dataEncoding = 'utf8', timestampField } = options;
  const { timestampFormat, timestampZone, unwrap, needsTimestamp } = options;
  const { partitionKeyField, explicitHashKeyField, headersField } = options;
  const csvOnly = header ? (delimiter === undefined ? undefined : '--delimiter') : '--no-header';
  if (csvOnly !== undefined) {
    throw new KloadError('usage', `${label} is no CSV: ${csvOnly} has no effect`, 'leave it out, or pass --format csv');
  }
  if (format === 'ndjson' || format === 'json') {
    if (dataEncoding === 'utf8' || dataField !== undefined) return;
    const hint = 'name the field that is encoded with --data-field';
    throw new KloadError('usage', `${label}: a whole JSON value is not ${dataEncoding}`, hint);
  }
  const fields = {
    '--data-field': dataField,
    '--timestamp-field': timestampField,
    '--timestamp-format': timestampFormat === 'auto' ? undefined : timestampFormat,
    '--timestamp-zone': timestampZone,
    '--partition-key-field': partitionKeyField,
    '--explicit-hash-key-field': explicitHashKeyField,
    '--headers-field': headersField,
  };
  const bringsItsOwn = {
    '--data-encoding': dataEncoding === 'utf8' ? undefined : dataEncoding,
    '--unwrap': unwrap === 'kinesis' ? unwrap : undefined,
  };
  const unused = format === 'kload' ? { ...fields, ...bringsItsOwn } : fields;
  const flag = Object.entries(unused).find(([, value]) => value !== undefined)?.[0];
  if (flag !== undefined) {
    const what = format === 'kload' ? 'holds kload records, which bring their own fields' : 'is read as lines of text';
    const hint = format === 'kload' ? 'leave it out' : 'leave it out, or pass --format csv';
    throw new KloadError('usage', `${label} ${what}: ${flag} has no effect`, hint);
  }
  if (format === 'lines' && needsTimestamp) {
    const hint = 'send them at a rate with --rps; if the file has columns, pass --format csv';
    throw new KloadError('input', `${label} is read as lines of text, which have no times`, hint);
  }
}
