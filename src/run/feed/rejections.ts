import { KloadError } from '../../core/errors.js';
import type { BadRecord, RecordBlock, Source } from '../../core/record.js';
import type { FileReading } from '../../core/report.js';
import { readingText } from '../../report/input-text.js';
import type { FeedOptions } from './feed-options.js';

/** The beginnings of reasons that are about a field, each with the option that names that field. */
const FIELD_FLAGS: readonly (readonly [string, string])[] = [
  ['timestamp ', '--timestamp-field'],
  ['partition key ', '--partition-key-field'],
  ['explicit hash key ', '--explicit-hash-key-field'],
];

/** The most rejected records that the report names. */
const REJECTED_NAMED = 10;

export interface Rejected {
  readonly at: string;
  readonly reason: string;
}

/** The records of the input that could not be used, or are too large for the target. */
export class Rejections {
  count = 0;
  /** 1 if the last one ended the run. A resumed run reads that record again: the user may have fixed it. */
  fatal: 0 | 1 = 0;
  /** The first ones, for the report. */
  readonly first: Rejected[] = [];
  readonly #options: FeedOptions;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /**
   * Counts a rejected record.
   *
   * @param reading how its file is read, if no earlier record of that file could be used
   * @throws KloadError `input` unless `--on-bad-record skip` was passed
   */
  add(record: BadRecord, reading: FileReading | undefined): void {
    this.count++;
    if (this.first.length < REJECTED_NAMED) this.first.push({ at: placeOf(record), reason: record.reason });
    if (this.#options.skipBadRecords) return;
    this.fatal = 1;
    this.passOver(record, reading);
  }

  /** The same for a record that another part of the run counts. */
  passOver(record: BadRecord, reading: FileReading | undefined): void {
    if (this.#options.skipBadRecords) return;
    const at = placeOf(record);
    const hint = badRecordHint(record, reading, this.#options.partitionKey !== undefined);
    throw new KloadError('input', `${at}: ${record.reason}`, hint);
  }

  /** Why a record of this many bytes is rejected. */
  tooLarge(bytes: number): string {
    const { attributesCount, targetWord, recordBytesMax } = this.#options;
    const attributes = attributesCount ? ' and headers' : '';
    return `the record has ${bytes} bytes with its key${attributes}, the ${targetWord} takes ${recordBytesMax}`;
  }
}

function placeOf({ file, line }: BadRecord): string {
  return `${file}:${line}`;
}

/** How the file of a bad record is read; undefined if an earlier record of that file could be used. */
export function readingOf({ index, file }: BadRecord, usableFile: string, source: Source | undefined) {
  if (index > 0 || file === usableFile) return undefined;
  return source?.found.files.find((reading) => reading.file === file);
}

/** The error for a record without a key in a run with `--ordered`. A random key would have no order to keep. */
export function withoutKey({ file, line }: RecordBlock, index: number): KloadError {
  return new KloadError(
    'usage',
    `${file}:${line[index]}: --ordered keeps the order of each partition key, but the record has no key`,
    'name the field of keys with --partition-key-field, pass one key with --partition-key, or leave out --ordered',
  );
}

/** What the user can do about a bad record; undefined if the reason says it. */
function badRecordHint(
  { reason }: BadRecord,
  reading: FileReading | undefined,
  hasSharedKey: boolean,
): string | undefined {
  if (reason.includes('pass --')) return undefined;
  if (reading === undefined) return 'fix the record, or pass --on-bad-record skip';
  const skip = '--on-bad-record skip to leave out such records';
  const flag = FIELD_FLAGS.find(([start]) => reason.startsWith(start))?.[1];
  if (flag !== undefined && reading.format !== 'kload') {
    return `it is read as ${readingText(reading, hasSharedKey)}: name another field with ${flag}, or pass ${skip}`;
  }
  return `it is read as ${readingText(reading, hasSharedKey)}: pass --format if it is something else, or ${skip}`;
}
