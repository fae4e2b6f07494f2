import type { InputReport } from './report.js';

/** Where a record could not be read or used: the caller decides whether that ends the run. */
export interface BadRecord {
  /** The place in the block: it stands before the record with this index (or at the end). */
  readonly index: number;
  readonly file: string;
  /** 1-based line on which the record begins. */
  readonly line: number;
  /** What is wrong, with the field's name where there is one. */
  readonly reason: string;
}

/** How many records a block holds at most. */
export const BLOCK_RECORDS_MAX = 4096;

/** In place of where a key begins: the record has no key of its own, or says that it has none. */
export const NO_KEY = -1;
export const NULL_KEY = -2;

/**
 * A stretch of input: records in input order, each a few ranges of one shared buffer.
 *
 * A source fills the same block again and again: what it yields is valid until the next one is asked for. Nothing is
 * allocated per record, so that a recording is read at the speed of a byte scan.
 */
export class RecordBlock {
  /** What the ranges point into. */
  bytes: Buffer = Buffer.alloc(0);
  file = '';
  count = 0;
  readonly dataStart = new Int32Array(BLOCK_RECORDS_MAX);
  readonly dataEnd = new Int32Array(BLOCK_RECORDS_MAX);
  /** NO_KEY, or NULL_KEY, where the record has no key of its own. */
  readonly keyStart = new Int32Array(BLOCK_RECORDS_MAX);
  readonly keyEnd = new Int32Array(BLOCK_RECORDS_MAX);
  /** Whether any record has something beside key and data: the next two mean nothing until one has. */
  hasAttributes = false;
  /**
   * What the target takes beside key and data: for Kinesis the digits of an explicit hash key, for Kafka headers as
   * JSON (core/kafka-headers.ts). The end is 0 where the record has none.
   */
  readonly attributesStart = new Int32Array(BLOCK_RECORDS_MAX);
  readonly attributesEnd = new Int32Array(BLOCK_RECORDS_MAX);
  /** When the record was recorded, in epoch milliseconds; NaN where that is unknown. */
  readonly recordedAtMs = new Float64Array(BLOCK_RECORDS_MAX);
  /**
   * What a schedule that follows the recording goes by: where the source put these in order, not the times as recorded.
   */
  pacedAtMs: Float64Array = this.recordedAtMs;
  /** 1-based line on which the record begins. */
  readonly line = new Float64Array(BLOCK_RECORDS_MAX);
  /** Records that can't be used, in input order. */
  readonly bad: BadRecord[] = [];

  /** Bad records count, too: a block of a file that holds nothing else has a bound as well. */
  get full(): boolean {
    return this.count + this.bad.length >= BLOCK_RECORDS_MAX;
  }

  get empty(): boolean {
    return this.count === 0 && this.bad.length === 0;
  }

  reset(file: string, bytes: Buffer): void {
    this.file = file;
    this.bytes = bytes;
    this.count = 0;
    this.pacedAtMs = this.recordedAtMs;
    this.hasAttributes = false;
    this.bad.length = 0;
  }

  /** Adds a record without a key of its own; `setKey` gives it one. The block must not be full. */
  add(dataStart: number, dataEnd: number, recordedAtMs: number, line: number): void {
    const at = this.count++;
    this.dataStart[at] = dataStart;
    this.dataEnd[at] = dataEnd;
    this.keyStart[at] = NO_KEY;
    this.keyEnd[at] = NO_KEY;
    this.recordedAtMs[at] = recordedAtMs;
    this.line[at] = line;
  }

  /** Puts the record at one place to another one, before it. */
  move(from: number, to: number): void {
    this.dataStart[to] = this.dataStart[from]!;
    this.dataEnd[to] = this.dataEnd[from]!;
    this.keyStart[to] = this.keyStart[from]!;
    this.keyEnd[to] = this.keyEnd[from]!;
    if (this.hasAttributes) {
      this.attributesStart[to] = this.attributesStart[from]!;
      this.attributesEnd[to] = this.attributesEnd[from]!;
    }
    this.recordedAtMs[to] = this.recordedAtMs[from]!;
    this.line[to] = this.line[from]!;
  }

  /** Gives the record added last its own partition key. */
  setKey(keyStart: number, keyEnd: number): void {
    this.keyStart[this.count - 1] = keyStart;
    this.keyEnd[this.count - 1] = keyEnd;
  }

  /** The record added last says that it has no key. */
  setNullKey(): void {
    this.setKey(NULL_KEY, NULL_KEY);
  }

  /** Gives the record added last what goes beside key and data: a hash key has no leading zeros. */
  setAttributes(start: number, end: number): void {
    if (!this.hasAttributes) this.attributesEnd.fill(0);
    this.hasAttributes = true;
    this.attributesStart[this.count - 1] = start;
    this.attributesEnd[this.count - 1] = end;
  }

  /** How long the record's explicit hash key is, or its headers: 0 where it has none. */
  attributesBytes(index: number): number {
    const end = this.hasAttributes ? this.attributesEnd[index]! : 0;
    return end === 0 ? 0 : end - this.attributesStart[index]!;
  }

  /** Adds a record of another block over the same bytes, with the keys that it has of its own; its data lie elsewhere now. */
  take(from: RecordBlock, index: number, dataStart: number, dataEnd: number): void {
    this.add(dataStart, dataEnd, from.recordedAtMs[index]!, from.line[index]!);
    this.setKey(from.keyStart[index]!, from.keyEnd[index]!);
    if (from.attributesBytes(index) > 0) this.setAttributes(from.attributesStart[index]!, from.attributesEnd[index]!);
  }

  addBad(line: number, reason: string): void {
    this.bad.push({ index: this.count, file: this.file, line, reason });
  }
}

/** How far a source has come, in whatever unit it knows its end in. */
export interface Progress {
  readonly done: number;
  /** undefined: the end is not known (standard input, an endless loop). */
  readonly total: number | undefined;
}

/** Reads bytes and yields records in input order. */
export interface Source {
  /**
   * The records, block by block. Throws a KloadError with exit code `input` where reading can't go on; the blocks
   * yielded before it hold every record up to there.
   */
  blocks(): AsyncIterable<RecordBlock>;
  /** @param blockShare how much of the block yielded last was used, 0 to 1 */
  progress(blockShare: number): Progress;
  /** What was found in the input so far. */
  readonly found: InputReport;
}

/** What a record may carry to a kind of target, beside its data. */
export interface RecordTraits {
  /** Text of at most 256 characters (Kinesis), or any bytes (Kafka). */
  readonly keys: 'text' | 'bytes';
  /** An explicit hash key (Kinesis), or headers (Kafka). */
  readonly attributes: 'hash-key' | 'headers';
  /** Whether the attributes count toward the size of a record. */
  readonly attributesCount: boolean;
  /** What a record without a key gets: a random key, or none. */
  readonly keyless: 'random' | 'none';
  /** Whether a record may have no data: Kafka's tombstones. */
  readonly nullData: boolean;
}

/** Records of Kinesis, and of targets that take the same ones. */
export const HASH_KEY_RECORDS: RecordTraits = {
  keys: 'text',
  attributes: 'hash-key',
  attributesCount: false,
  keyless: 'random',
  nullData: false,
};
