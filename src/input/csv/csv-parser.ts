import { rangeEquals } from '../../bytes/arrays.js';
import { TimeZone } from '../../bytes/time-zone.js';
import { parseTimestamp, timestampProblem } from '../../bytes/timestamp.js';
import { KloadError } from '../../core/errors.js';
import { hashKeyDigits } from '../../core/hash-key.js';
import type { RecordBlock } from '../../core/record.js';
import type { FileReading } from '../../core/report.js';
import { afterMark, MARK_FIRST } from '../bytes/file-start.js';
import type { InputOptions } from '../input-options.js';
import { HeadersField } from '../json/headers-field.js';
import { hashKeyProblem, keyProblem } from '../partition-key.js';
import type { RecordParser } from '../record-parser.js';
import { RecordSkipper } from '../record-skipper.js';
import { type CsvColumns, findColumns } from './csv-columns.js';
import { type CsvDialect, DELIMITER_NAMES } from './csv-dialect.js';
import { CsvRow, type RowFault } from './csv-row.js';

const FAULTS: Record<RowFault, (column: string) => string> = {
  'bare-quote': (column) => `quote inside the unquoted ${column}: quote the whole field and double the quotes in it`,
  'text-after-quote': (column) => `text after the closing quote of ${column}: a quote inside a field must be doubled`,
  'open-quote': (column) => `the quote opened in ${column} is never closed`,
  'nul-byte': (column) => `NUL byte in ${column}: the file is damaged, or UTF-16 and must be converted to UTF-8`,
};

/** Reads CSV: one record a row. */
export class CsvParser implements RecordParser {
  line = 1;
  records = 0;
  readonly #label: string;
  readonly #options: InputOptions;
  readonly #dialect: CsvDialect;
  readonly #isGuess: boolean;
  readonly #row: CsvRow;
  readonly #headers = new HeadersField();
  readonly #zone: TimeZone | undefined;
  #columns: CsvColumns | undefined;
  /** The cells of the header, to recognise repeated ones. */
  #header: readonly Buffer[] = [];
  /** The length of its first cell; -1 if rows are not compared with it. */
  #headerBytes = -1;
  #repeatedHeaders = 0;
  #linesToSkip: number;

  /** @param isGuess the file looks like CSV, but neither its name nor an option says so */
  constructor(label: string, options: InputOptions, dialect: CsvDialect, isGuess: boolean) {
    this.#label = label;
    this.#options = options;
    this.#dialect = dialect;
    this.#isGuess = isGuess;
    this.#zone = options.timestampZone === undefined ? undefined : new TimeZone(options.timestampZone);
    this.#row = new CsvRow(dialect.delimiter.charCodeAt(0), dialect.lineEnd);
    this.#linesToSkip = dialect.namesDelimiter ? 1 : 0;
  }

  get reading(): Omit<FileReading, 'file'> | undefined {
    const columns = this.#columns;
    if (columns === undefined) return undefined;
    const label = (column: number) => (column < 0 ? null : columns.label(column));
    return {
      format: 'csv',
      header: this.#options.header,
      delimiter: this.#dialect.delimiter,
      data: columns.label(columns.data),
      time: label(columns.timestamp),
      key: label(columns.key),
      repeatedHeaders: this.#repeatedHeaders,
      ...(this.#isGuess && { notSent: columns.notSent() }),
    };
  }

  parse(bytes: Buffer, from: number, to: number, final: boolean, block: RecordBlock): number {
    const row = this.#row;
    row.use(bytes);
    let at = from;
    while (!block.full) {
      const start = bytes[at] === MARK_FIRST ? afterMark(bytes, at, to, final) : at;
      if (start < 0 || !row.scan(start, to, final)) break;
      if (!row.isBlank(start)) this.#takeRow(bytes, block);
      this.line += row.lineEnds;
      at = row.next;
    }
    return at;
  }

  skipRecord(): RecordSkipper {
    this.records++;
    return new RecordSkipper('row', this.#dialect.lineEnd);
  }

  emptyReason(): string {
    return this.#columns === undefined ? 'is empty' : 'has a header but no records';
  }

  #takeRow(bytes: Buffer, block: RecordBlock): void {
    if (this.#linesToSkip > 0) {
      this.#linesToSkip--;
      return;
    }
    if (this.#columns === undefined && this.#options.header) {
      this.#columns = this.#readHeader(bytes);
      return;
    }
    const row = this.#row;
    // Few rows have a first field of the same length.
    if (row.end[0]! - row.start[0]! === this.#headerBytes && this.#isHeader(bytes)) {
      this.#repeatedHeaders++;
      return;
    }
    this.records++;
    const { fault } = row;
    const problem = fault === undefined ? this.#addRecord(bytes, block) : FAULTS[fault](this.#faultyColumn());
    if (problem !== undefined) block.addBad(this.line, problem);
  }

  /** Adds the row to the block, or returns what is wrong with it. */
  #addRecord(bytes: Buffer, block: RecordBlock): string | undefined {
    const row = this.#row;
    const options = this.#options;
    this.#columns ??= findColumns(this.#label, undefined, row.fields, options);
    const columns = this.#columns;
    if (row.fields !== columns.count) return this.#countProblem(columns.count);
    const { data, timestamp, key, hashKey, headers } = columns;

    let recordedAtMs = Number.NaN;
    if (timestamp >= 0) {
      const [start, end] = [row.start[timestamp]!, row.end[timestamp]!];
      recordedAtMs = parseTimestamp(bytes, start, end, options.timestampFormat, this.#zone);
      if (options.needsTimestamp && Number.isNaN(recordedAtMs)) {
        return timestampProblem(
          this.#cell(bytes, timestamp),
          `in ${columns.label(timestamp)}`,
          options.timestampFormat,
        );
      }
    }
    if (key >= 0 && options.traits.keys === 'text') {
      const problem = keyProblem(bytes, row.start[key]!, row.end[key]!);
      if (problem !== undefined) return `partition key in ${columns.label(key)} ${problem}`;
    }
    let attributesStart = -1;
    if (hashKey >= 0) {
      attributesStart = hashKeyDigits(bytes, row.start[hashKey]!, row.end[hashKey]!);
      if (attributesStart < 0) return hashKeyProblem(this.#cell(bytes, hashKey), `in ${columns.label(hashKey)}`);
    }
    if (headers >= 0) {
      const problem = this.#headers.read(bytes, row.start[headers]!, row.end[headers]!);
      if (problem !== undefined) return `${columns.label(headers)} ${problem}`;
    }
    block.add(row.start[data]!, row.end[data]!, recordedAtMs, this.line);
    // An empty key gets here only where keys are any bytes. It counts as no key.
    if (key >= 0 && row.start[key]! < row.end[key]!) block.setKey(row.start[key]!, row.end[key]!);
    if (hashKey >= 0) block.setAttributes(attributesStart, row.end[hashKey]!);
    if (headers >= 0 && this.#headers.end > 0) block.setAttributes(this.#headers.start, this.#headers.end);
    return undefined;
  }

  /** Whether the row repeats the header, as in concatenated files or in logs of programs that were restarted. */
  #isHeader(bytes: Buffer): boolean {
    const row = this.#row;
    const header = this.#header;
    if (row.fields !== header.length) return false;
    for (let field = 0; field < header.length; field++) {
      if (!rangeEquals(bytes, row.start[field]!, row.end[field]!, header[field]!)) return false;
    }
    return true;
  }

  #readHeader(bytes: Buffer): CsvColumns {
    const { line } = this;
    const row = this.#row;
    const label = this.#label;
    if (row.fault !== undefined) {
      throw new KloadError('input', `${label}:${line}: ${FAULTS[row.fault](this.#faultyColumn())}`);
    }
    const names = Array.from({ length: row.fields }, (_, field) => this.#cell(bytes, field));
    // The values of a single column may be equal to its name.
    if (row.fields > 1) {
      this.#header = names.map((name) => Buffer.from(name));
      this.#headerBytes = this.#header[0]!.length;
    }
    return findColumns(label, names, row.fields, this.#options);
  }

  #faultyColumn(): string {
    const { faultField } = this.#row;
    return this.#columns?.label(faultField) ?? `column ${faultField + 1}`;
  }

  #countProblem(expected: number): string {
    const { fields } = this.#row;
    const reference = this.#options.header ? 'header' : 'first row';
    const what = DELIMITER_NAMES.get(this.#dialect.delimiter) ?? this.#dialect.delimiter;
    const advice = fields > expected ? `: a field with a ${what} must be quoted` : '';
    return `${fields} ${fields === 1 ? 'column' : 'columns'}, the ${reference} has ${expected}${advice}`;
  }

  #cell(bytes: Buffer, field: number): string {
    return bytes.toString('utf8', this.#row.start[field]!, this.#row.end[field]!);
  }
}
