import type { SizeLaw } from '../core/made-load.js';
import { AvroBody, AvroTemplate, type MadeAvro } from './avro/avro-body.js';
import { DefaultRecord } from './default-record.js';
import { type KeyPlan, Keys, keyBytes } from './keys.js';
import { Sizes } from './sizes.js';
import type { Columns } from './template/columns.js';
import { compileTemplate, type Template } from './template/compile.js';
import { Writer } from './writer.js';

/** What generated records are made from: record i is a function of this and i. Plain data: each worker gets a copy. */
export interface MadeRecords extends KeyPlan {
  /** The sizes of the records' data. undefined: the template's. */
  readonly size: SizeLaw | undefined;
  /** undefined: JSON with `id`, `key` and `padding`. */
  readonly template: MadeTemplate | undefined;
  /** How records are encoded by a schema of Avro: those of the template, or random ones. undefined: they are not. */
  readonly avro?: MadeAvro | undefined;
  /** The most bytes that a record may have, with its partition key. */
  readonly recordBytesMax: number;
  /** The partition key of all records, in place of their own. */
  readonly partitionKey?: string | undefined;
  /** Explicit hash keys, in decimal digits, that the records get in turn. */
  readonly hashKeys?: readonly Uint8Array[] | undefined;
}

export interface MadeTemplate {
  readonly text: string;
  readonly columns: Columns;
}

/** Where a record lies: ranges of one buffer. */
export interface MadeRanges {
  source: Buffer;
  dataStart: number;
  dataEnd: number;
  keyStart: number;
  keyEnd: number;
  attributesStart: number;
  attributesEnd: number;
}

/** Records that are made to find their mean size. */
const SAMPLE = 1000;

/** The smallest size of a record without a template. */
export function generatedSizeMin(keys: number): number {
  return new DefaultRecord(keys, new Writer(0)).bytesMin;
}

/**
 * Makes records by a template, or JSON:
 *
 *     {"id":"000000000042","key":"key-07","padding":"xxxxxxxx"}
 *
 * `id` counts from 0, and `key` is the partition key.
 */
export class RecordMaker {
  readonly #writer: Writer;
  readonly #keys: Keys;
  readonly #sizes: Sizes | undefined;
  readonly #body: DefaultRecord | Template | AvroBody | AvroTemplate;
  /** The most bytes of a record that is not padded; undefined if only a record that is made shows that. */
  readonly #bodyBytesMax: number | undefined;
  readonly #keyBytes: number;
  readonly #sharedKey: Buffer | undefined;
  /** The key's bytes if it is not in the data. */
  readonly #bytesBehind: number;
  readonly #hashKeys: readonly Uint8Array[] | undefined;
  /** The size of the record that was asked about last. */
  #sizedOrdinal = -1;
  #countedMean: number | undefined;
  #size = 0;

  /** @throws TemplateError if the template cannot be compiled, SchemaError if the schema cannot */
  constructor(made: MadeRecords) {
    const { keys, seed, size, template, avro, partitionKey, hashKeys, recordBytesMax } = made;
    this.#writer = new Writer(seed);
    this.#keys = new Keys(made);
    this.#keyBytes = keyBytes(keys);
    this.#sharedKey = partitionKey === undefined ? undefined : Buffer.from(partitionKey);
    this.#hashKeys = hashKeys;
    const sizeMax = recordBytesMax - (this.#sharedKey?.length ?? this.#keyBytes);
    let sizeMin = 0;
    let hasKey = true;
    if (avro !== undefined) {
      hasKey = false;
      if (template === undefined) {
        const body = new AvroBody(avro);
        this.#bodyBytesMax = body.bytesMax;
        this.#body = body;
      } else {
        const inner = compileTemplate(template.text, template.columns, { keyDigits: this.#keys.digits }, false);
        this.#bodyBytesMax = undefined;
        this.#body = new AvroTemplate(inner, avro, seed, sizeMax);
      }
    } else if (template === undefined) {
      const body = new DefaultRecord(keys, new Writer(seed));
      sizeMin = body.bytesMin;
      this.#bodyBytesMax = sizeMin;
      this.#body = body;
    } else {
      const { text, columns } = template;
      const body = compileTemplate(text, columns, { keyDigits: this.#keys.digits }, size !== undefined);
      hasKey = body.writesKey;
      this.#bodyBytesMax = body.bytesMax;
      this.#body = body;
    }
    this.#bytesBehind = this.#sharedKey?.length ?? (hasKey ? 0 : this.#keyBytes);
    this.#sizes = size && new Sizes(size, seed, sizeMin, sizeMax);
  }

  /** The number of the record's key. */
  keyOf(ordinal: number): number {
    return this.#keys.of(ordinal);
  }

  /**
   * The most bytes of a record's data before padding: for a template, with the longest value of each field, and for one
   * that is encoded by a schema, that of the first records.
   */
  get bodyBytesMax(): number {
    if (this.#bodyBytesMax !== undefined) return this.#bodyBytesMax;
    let bytes = 0;
    for (let ordinal = 0; ordinal < SAMPLE; ordinal++) bytes = Math.max(bytes, this.#bodyBytes(ordinal, 0));
    return bytes;
  }

  /** Bytes of the partition key of each record. */
  get keyBytes(): number {
    return this.#sharedKey?.length ?? this.#keyBytes;
  }

  /**
   * The most bytes that the record takes: its data, its key if that is not in the data, and its hash key.
   *
   * @param atMs when it is due: a template that is encoded by a schema may have another size then
   */
  bytesMax(ordinal: number, atMs = 0): number {
    const body = this.#bodyBytesMax ?? this.#bodyBytes(ordinal, atMs);
    return Math.max(this.#sizeOf(ordinal), body) + this.#bytesBehind + this.#hashKeyBytes(ordinal);
  }

  #bodyBytes(ordinal: number, atMs: number): number {
    return (this.#body as AvroTemplate).bytesOf(ordinal, this.#keys.of(ordinal), atMs);
  }

  #hashKeyBytes(ordinal: number): number {
    const hashKeys = this.#hashKeys;
    return hashKeys === undefined ? 0 : hashKeys[ordinal % hashKeys.length]!.length;
  }

  /** The bytes of a record's data and key. For a template without sizes they are not known before, so their mean. */
  countedBytes(ordinal: number): number {
    if (this.#sizes !== undefined) return this.#sizeOf(ordinal) + this.keyBytes;
    this.#countedMean ??= this.bytesMean - this.#bytesBehind - this.#hashKeyBytes(0) + this.keyBytes;
    return this.#countedMean;
  }

  /** The bytes that a record takes on average. */
  get bytesMean(): number {
    let sum = 0;
    let bytes = Buffer.alloc(0);
    const ranges = { source: bytes, ...NO_RANGES };
    for (let ordinal = 0; ordinal < SAMPLE; ordinal++) {
      const bytesMax = this.bytesMax(ordinal);
      if (bytes.length < bytesMax) bytes = Buffer.allocUnsafeSlow(bytesMax);
      sum += this.make(ordinal, 0, bytes, 0, ranges);
    }
    return sum / SAMPLE;
  }

  /**
   * Writes a record to `into`, from `start` on, and its ranges to `ranges`. Returns where it ends.
   *
   * @param atMs when it is due, epoch milliseconds
   */
  make(ordinal: number, atMs: number, into: Buffer, start: number, ranges: MadeRanges): number {
    const writer = this.#writer;
    const key = this.#keys.of(ordinal);
    writer.begin(into, start, ordinal, key, atMs);
    this.#body.write(writer, this.#sizeOf(ordinal));
    ranges.source = into;
    ranges.dataStart = start;
    ranges.dataEnd = writer.at;
    if (this.#sharedKey !== undefined) {
      ranges.keyStart = writer.at;
      writer.text(this.#sharedKey);
      ranges.keyEnd = writer.at;
    } else {
      if (writer.keyAt === -1) writer.keyText(this.#keys.digits);
      ranges.keyStart = writer.keyAt;
      ranges.keyEnd = writer.keyAt + this.#keyBytes;
    }
    this.#addHashKey(ordinal, ranges);
    return writer.at;
  }

  #addHashKey(ordinal: number, ranges: MadeRanges): void {
    ranges.attributesStart = 0;
    ranges.attributesEnd = 0;
    if (this.#hashKeys === undefined) return;
    ranges.attributesStart = this.#writer.at;
    this.#writer.text(this.#hashKeys[ordinal % this.#hashKeys.length]!);
    ranges.attributesEnd = this.#writer.at;
  }

  /** The size that the record should have; 0 if only its template decides. */
  #sizeOf(ordinal: number): number {
    if (this.#sizes === undefined) return 0;
    if (ordinal !== this.#sizedOrdinal) this.#size = this.#sizes.of(ordinal);
    this.#sizedOrdinal = ordinal;
    return this.#size;
  }
}

const NO_RANGES = { dataStart: 0, dataEnd: 0, keyStart: 0, keyEnd: 0, attributesStart: 0, attributesEnd: 0 };
