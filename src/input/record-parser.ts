import type { RecordBlock } from '../core/record.js';
import type { FileReading } from '../core/report.js';

/** Turns the bytes of one file into records. It keeps no bytes: what it can't use yet it is given again, with more. */
export interface RecordParser {
  /** 1-based line on which the next record begins. */
  readonly line: number;
  /** Records so far, good and bad. */
  readonly records: number;
  /** How the file is read; undefined: that is not known before more of it was parsed. */
  readonly reading: Omit<FileReading, 'file'> | undefined;

  /**
   * Adds the records that lie complete in `bytes[from, to)` to the block, until that is full, and returns where the first
   * one that it did not take begins. It may rewrite the bytes of a record that it takes (quotes and escapes are undone in
   * place), and write to the twice as many bytes behind `to`.
   *
   * @param final nothing follows `to`: what is there is the last record, with or without an end of line
   * @throws KloadError `input` where the file as a whole does not fit the options
   */
  parse(bytes: Buffer, from: number, to: number, final: boolean, block: RecordBlock): number;

  /**
   * Passes over a record that is too large for memory, a piece after the other: it begins at `from` of the first one.
   * Returns where it ends; -1: it goes on behind `to`.
   */
  skip(bytes: Buffer, from: number, to: number, isFirst: boolean): number;

  /** What is wrong with a file that held no record, to be read after its name. */
  emptyReason(): string;
}
