import type { InputReport } from './report.js';

/** A record that can't be read or used. The caller decides whether that ends the run. */
export interface BadRecord {
  /** Its position in the block: before the record with this index, or at the end. */
  readonly index: number;
  readonly file: string;
  /** 1-based line on which the record begins. */
  readonly line: number;
  /** What is wrong, with the field's name where there is one. */
  readonly reason: string;
}

/** The most records that a block holds. */
export const BLOCK_RECORDS_MAX = 4096;

/**
 * Instead of where a key begins: the record has no key of its own (NO_KEY), or says that its key is null (NULL_KEY).
 */
export const NO_KEY = -1;
export const NULL_KEY = -2;

/**
 * A part of the input: records in input order, each a few ranges of one shared buffer.
 *
 * A source fills the same block again and again, so a block is valid until the next one is requested. Nothing is
 * allocated per record, so a recording is read at the speed of a byte scan.
 */
export class RecordBlock {
  /** Holds the data, keys and attributes of all records. */
  bytes: Buffer = Buffer.alloc(0);
  file = '';
  count = 0;
  readonly dataStart = new Int32Array(BLOCK_RECORDS_MAX);
  readonly dataEnd = new Int32Array(BLOCK_RECORDS_MAX);
  /** NO_KEY or NULL_KEY for a record without a key of its own. */
  readonly keyStart = new Int32Array(BLOCK_RECORDS_MAX);
  readonly keyEnd = new Int32Array(BLOCK_RECORDS_MAX);
  /** Whether any record has attributes. If not, the next two mean nothing. */
  hasAttributes = false;
  /**
   * What a record carries beside data and key: for Kinesis the digits of an explicit hash key, for Kafka headers as
   * JSON (bytes/kafka-headers.ts). The end is 0 for a record without attributes.
   */
  readonly attributesStart = new Int32Array(BLOCK_RECORDS_MAX);
  readonly attributesEnd = new Int32Array(BLOCK_RECORDS_MAX);
  /** When the record was recorded, in epoch milliseconds; NaN if unknown. */
  readonly recordedAtMs = new Float64Array(BLOCK_RECORDS_MAX);
  /**
   * The times for a schedule that follows the recording. They differ from the recorded ones if the source paces them.
   */
  pacedAtMs: Float64Array = this.recordedAtMs;
  /** 1-based line on which the record begins. */
  readonly line = new Float64Array(BLOCK_RECORDS_MAX);
  /** True if the records have no bytes: the workers make them from their numbers. */
  made = false;
  /** Unusable records, in input order. */
  readonly bad: BadRecord[] = [];

  /** A block of records that the workers make. They have no time. */
  static ofMade(count: number): RecordBlock {
    const block = new RecordBlock();
    block.made = true;
    block.count = count;
    block.recordedAtMs.fill(Number.NaN);
    return block;
  }

  /** Bad records count, too, so that a block of bad records has a bound. */
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

  /** Adds a record without a key. The block must not be full. */
  add(dataStart: number, dataEnd: number, recordedAtMs: number, line: number): void {
    const at = this.count++;
    this.dataStart[at] = dataStart;
    this.dataEnd[at] = dataEnd;
    this.keyStart[at] = NO_KEY;
    this.keyEnd[at] = NO_KEY;
    this.recordedAtMs[at] = recordedAtMs;
    this.line[at] = line;
  }

  /** Moves the record at index `from` to a lower or the same index. */
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

  /** Sets the partition key of the record added last. */
  setKey(keyStart: number, keyEnd: number): void {
    this.keyStart[this.count - 1] = keyStart;
    this.keyEnd[this.count - 1] = keyEnd;
  }

  /** Notes that the record added last has no key. */
  setNullKey(): void {
    this.setKey(NULL_KEY, NULL_KEY);
  }

  /** Sets the attributes of the record added last. A hash key must have no leading zeros. */
  setAttributes(start: number, end: number): void {
    if (!this.hasAttributes) this.attributesEnd.fill(0);
    this.hasAttributes = true;
    this.attributesStart[this.count - 1] = start;
    this.attributesEnd[this.count - 1] = end;
  }

  /** The length of the record's explicit hash key, or of its headers: 0 if it has none. */
  attributesBytes(index: number): number {
    const end = this.hasAttributes ? this.attributesEnd[index]! : 0;
    return end === 0 ? 0 : end - this.attributesStart[index]!;
  }

  /** Adds a record of another block over the same bytes, with another range of data. */
  take(from: RecordBlock, index: number, dataStart: number, dataEnd: number): void {
    this.add(dataStart, dataEnd, from.recordedAtMs[index]!, from.line[index]!);
    this.setKey(from.keyStart[index]!, from.keyEnd[index]!);
    if (from.attributesBytes(index) > 0) this.setAttributes(from.attributesStart[index]!, from.attributesEnd[index]!);
  }

  addBad(line: number, reason: string): void {
    this.bad.push({ index: this.count, file: this.file, line, reason });
  }

  /**
   * Keeps some of the records.
   *
   * @param judge returns true to keep the record at an index, false to drop it, or a reason that makes it a bad one
   */
  keepOnly(judge: (index: number) => boolean | string): void {
    const { count } = this;
    const bad = this.bad.splice(0);
    let nextBad = 0;
    this.count = 0;
    for (let at = 0; at <= count; at++) {
      for (; bad[nextBad]?.index === at; nextBad++) this.bad.push({ ...bad[nextBad]!, index: this.count });
      if (at === count) break;
      const verdict = judge(at);
      if (verdict === true) this.move(at, this.count++);
      else if (verdict !== false) this.addBad(this.line[at]!, verdict);
    }
  }
}

/** How far a source was read, in any unit. */
export interface Progress {
  readonly done: number;
  /** Undefined if the end is not known (standard input, an endless loop). */
  readonly total: number | undefined;
}

/** Reads bytes and yields records in input order. */
export interface Source {
  /**
   * The records, block by block. Throws a KloadError with exit code `input` where reading can't continue, after the
   * blocks with all records up to there.
   */
  blocks(): AsyncIterable<RecordBlock>;
  /** @param blockShare the share of the last block that was used, 0 to 1 */
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
  /** Whether the attributes count toward the size of a record: headers do, hash keys do not. */
  readonly attributesCount: boolean;
  /** What a record without a key gets: a random key, or none. Without a key it can go to any worker. */
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
