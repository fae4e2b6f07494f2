import type { RecordBlock } from '../core/record.js';
import type { FileReading } from '../core/report.js';
import type { RecordSkipper } from './record-skipper.js';

/**
 * Turns the bytes of one file into records. It keeps no bytes: incomplete records are passed again, with more bytes.
 */
export interface RecordParser {
  /** 1-based line on which the next record begins. */
  line: number;
  /** Records so far, good and bad. */
  readonly records: number;
  /** How the file is read; undefined until enough of it was parsed. */
  readonly reading: Omit<FileReading, 'file'> | undefined;

  /**
   * Adds the complete records in `bytes[from, to)` to the block until it is full, and returns where the first record
   * that was not added begins. May rewrite the bytes of records that it adds (quotes and escapes are undone in place),
   * and may write to the bytes after `to`, which have twice the length of those before.
   *
   * @param final nothing follows `to`: the last record is complete, with or without an end of line
   * @throws KloadError `input` if the file as a whole does not fit the options
   */
  parse(bytes: Buffer, from: number, to: number, final: boolean, block: RecordBlock): number;

  /** Counts the record that begins at `line` as one that is skipped, and returns what finds its end. */
  skipRecord(): RecordSkipper;

  /** What is wrong with a file without records, to follow its name. */
  emptyReason(): string;
}
