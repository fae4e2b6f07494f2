import { KloadError } from '../core/errors.js';
import { CsvParser } from './csv-parser.js';
import type { InputFormat, InputOptions } from './input-options.js';
import { isKloadRecord, KloadLine } from './kload-line.js';
import { LineParser } from './line-parser.js';
import { NdjsonLine } from './ndjson-line.js';
import type { RecordParser } from './record-parser.js';

/**
 * Chooses the parser for a file: the format asked for, or else the one that its name or its first line shows.
 *
 * @param firstLine the first line that is not blank, as far as it has been read
 * @throws KloadError `input` for a file that no parser can make records of, `usage` for an option that it has no use for
 */
export function createParser(file: string, label: string, firstLine: string, options: InputOptions): RecordParser {
  const format = options.format === 'auto' ? detectFormat(file, firstLine) : options.format;
  if (format === 'csv') return new CsvParser(label, options);
  rejectUnusedOptions(label, format, options);
  rejectMultilineJson(label, firstLine);
  if (format === 'kload') return new LineParser(new KloadLine(options.needsTimestamp, options.forKafka === true));
  if (options.needsTimestamp && options.timestampField === undefined) {
    const hint = 'for example --timestamp-field .ts';
    throw new KloadError('input', `${label}: NDJSON needs --timestamp-field for its records' times`, hint);
  }
  return new LineParser(new NdjsonLine(options));
}

function detectFormat(file: string, firstLine: string): InputFormat {
  if (isKloadRecord(firstLine)) return 'kload';
  const name = file.toLowerCase().replace(/\.gz$/, '');
  if (name.endsWith('.csv')) return 'csv';
  if (/\.(ndjson|jsonl|json)$/.test(name)) return 'ndjson';
  return /^\s*[{[]/.test(firstLine) ? 'ndjson' : 'csv';
}

/** An option that says nothing about a file would be ignored there, which is worse than refused. */
function rejectUnusedOptions(label: string, format: InputFormat, options: InputOptions): void {
  const { header, dataField, dataEncoding = 'utf8', timestampField, timestampFormat } = options;
  const { partitionKeyField, explicitHashKeyField, headersField, unwrap } = options;
  if (!header)
    throw new KloadError('usage', `${label} is no CSV, so --no-header says nothing about it`, 'leave it out');
  if (format === 'ndjson') {
    if (dataEncoding === 'utf8' || dataField !== undefined) return;
    const hint = 'name the field that is encoded with --data-field';
    throw new KloadError('usage', `${label}: a whole line of NDJSON is not ${dataEncoding}`, hint);
  }
  const fields = {
    '--data-field': dataField,
    '--data-encoding': dataEncoding === 'utf8' ? undefined : dataEncoding,
    '--timestamp-field': timestampField,
    '--timestamp-format': timestampFormat === 'auto' ? undefined : timestampFormat,
    '--partition-key-field': partitionKeyField,
    '--explicit-hash-key-field': explicitHashKeyField,
    '--headers-field': headersField,
    '--unwrap': unwrap === 'kinesis' ? unwrap : undefined,
  };
  for (const [flag, field] of Object.entries(fields)) {
    if (field === undefined) continue;
    throw new KloadError(
      'usage',
      `${label} holds kload records, which bring their own fields: ${flag} says nothing`,
      'leave it out',
    );
  }
}

function rejectMultilineJson(label: string, firstLine: string): void {
  const line = firstLine.trim();
  if (line.startsWith('[') && !line.endsWith(']')) {
    const hint = `make it one value a line with jq -c '.[]'`;
    throw new KloadError('input', `${label} is a JSON array, not one JSON value a line`, hint);
  }
  if (line === '{') {
    const hint = 'make it one value a line with jq -c .';
    throw new KloadError('input', `${label} is JSON over several lines, not one JSON value a line`, hint);
  }
}
