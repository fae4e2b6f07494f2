import { messageOf } from '../../core/errors.js';
import type { Template } from '../template/compile.js';
import { Writer } from '../writer.js';
import { type Framing, framingBytes } from './framing.js';
import { GivenValues, ValueError } from './given-value.js';
import { randomValue } from './random-value.js';
import type { AvroType } from './schema.js';

/** Records that are encoded by a schema. Plain data: each worker gets a copy. */
export interface MadeAvro {
  readonly type: AvroType;
  readonly framing: Framing | undefined;
}

/** Records with random values. */
export class AvroBody {
  readonly bytesMax: number;
  readonly #framing: Buffer;
  readonly #write: (writer: Writer) => void;

  /** @throws SchemaError */
  constructor({ type, framing }: MadeAvro) {
    const { write, bytesMax } = randomValue(type);
    this.#write = write;
    this.#framing = framingBytes(framing);
    this.bytesMax = this.#framing.length + bytesMax;
  }

  write(writer: Writer): void {
    writer.random.begin(writer.ordinal);
    writer.text(this.#framing);
    this.#write(writer);
  }
}

/** A record of a template that does not fit the schema or the target. */
export class RecordError extends Error {
  constructor(ordinal: number, message: string) {
    super(`record ${ordinal} of the template: ${message}`);
  }
}

/** Records of a template that writes JSON. Their sizes are not known before they are made. */
export class AvroTemplate {
  readonly #template: Template;
  readonly #framing: Buffer;
  readonly #values: GivenValues;
  readonly #text: Writer;
  readonly #bytesMax: number;
  /** The record that was made last: it is asked for its size before it is written. */
  #encoded: Buffer = Buffer.alloc(0);
  #ordinal = -1;
  #atMs = Number.NaN;

  /** @param bytesMax that the target takes of a record's data */
  constructor(template: Template, { type, framing }: MadeAvro, seed: number, bytesMax: number) {
    this.#template = template;
    this.#framing = framingBytes(framing);
    this.#values = new GivenValues(type);
    this.#text = new Writer(seed);
    this.#text.bytes = Buffer.alloc(template.bytesMax);
    this.#bytesMax = bytesMax;
  }

  /** The bytes of a record. @throws RecordError */
  bytesOf(ordinal: number, key: number, atMs: number): number {
    if (ordinal !== this.#ordinal || atMs !== this.#atMs) this.#make(ordinal, key, atMs);
    return this.#framing.length + this.#encoded.length;
  }

  write(writer: Writer): void {
    const { ordinal, key, atMs } = writer;
    this.bytesOf(ordinal, key, atMs);
    writer.text(this.#framing);
    writer.text(this.#encoded);
  }

  #make(ordinal: number, key: number, atMs: number): void {
    const text = this.#text;
    text.begin(text.bytes, 0, ordinal, key, atMs);
    this.#template.write(text, 0);
    const value = jsonOf(text, ordinal);
    try {
      this.#encoded = this.#values.encode(value);
    } catch (error) {
      throw error instanceof ValueError ? new RecordError(ordinal, error.message) : error;
    }
    const bytes = this.#framing.length + this.#encoded.length;
    if (bytes > this.#bytesMax) {
      throw new RecordError(ordinal, `it has ${bytes} bytes, the target takes ${this.#bytesMax}`);
    }
    this.#ordinal = ordinal;
    this.#atMs = atMs;
  }
}

function jsonOf(text: Writer, ordinal: number): unknown {
  const json = text.bytes.toString('utf8', 0, text.at);
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new RecordError(ordinal, `it is not JSON: ${messageOf(error)}`);
  }
}
