import { type Bytes, bytesOf, writeBytes } from '../protocol/bytes.js';
import { BulkOutput, type Output } from '../protocol/output.js';
import { SEQUENCE_NUMBER_DIGITS } from '../store/sequence-number.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

const BEFORE_NUMBER = bytesOf(Buffer.from('{"SequenceNumber":"'));
const BEFORE_SHARD = bytesOf(Buffer.from('","ShardId":"'));
const END = bytesOf(Buffer.from(']}'));
const END_ENCRYPTED = bytesOf(Buffer.from('],"EncryptionType":"KMS"}'));
const QUOTE = 0x22;
const BRACE = 0x7d;
const COMMA = 0x2c;
/** All of a stored record's result but the shard's id. */
const RESULT_BYTES = BEFORE_NUMBER.bytes.length + SEQUENCE_NUMBER_DIGITS + BEFORE_SHARD.bytes.length + '"},'.length;
const HEAD_BYTES_MAX = 64;

interface Failure {
  readonly code: string;
  readonly message: string;
  /** The record's result. */
  readonly json: Bytes;
}

/** What became of the records of one PutRecords, in their order. */
export class PutRecordsResults extends BulkOutput {
  readonly #stream: Stream;
  readonly #encryption: 'KMS' | undefined;
  readonly #shards: Shard[] = [];
  /** 0 for a record that failed. */
  readonly #positions: Float64Array;
  /** When each arrived in its shard, epoch milliseconds. */
  readonly #arrivedMs: Float64Array;
  /** By the number of the record in the request. */
  readonly #failures = new Map<number, Failure>();
  /** A shard that is over its limit mostly is so for many records. */
  readonly #overLimit = new Map<Shard, Failure>();

  /** @param encryption what the records are encrypted with; undefined: nothing */
  constructor(stream: Stream, count: number, encryption: 'KMS' | undefined) {
    super();
    this.#stream = stream;
    this.#encryption = encryption;
    this.#positions = new Float64Array(count);
    this.#arrivedMs = new Float64Array(count);
  }

  /** @param position undefined where the shard was over its limit */
  add(shard: Shard, position: number | undefined): void {
    const i = this.#shards.push(shard) - 1;
    this.#arrivedMs[i] = shard.lastAtMs;
    if (position === undefined) this.#failures.set(i, this.#overLimitOf(shard));
    else this.#positions[i] = position;
  }

  addFailure(shard: Shard, code: string, message: string): void {
    this.#failures.set(this.#shards.push(shard) - 1, failureOf(code, message));
  }

  toOutput(): Output {
    const results = this.#shards.map((shard, i) => {
      const failure = this.#failures.get(i);
      if (failure !== undefined) return { ErrorCode: failure.code, ErrorMessage: failure.message };
      return { SequenceNumber: shard.sequenceNumber(this.#positions[i]!, this.#arrivedMs[i]!), ShardId: shard.id };
    });
    return { FailedRecordCount: this.#failures.size, Records: results, EncryptionType: this.#encryption };
  }

  /** The same as JSON.stringify makes of the output, without an object and a text a record: a third of its time. */
  toJsonBytes(): Buffer {
    const out = bytesOf(Buffer.allocUnsafe(this.#bytesMax()));
    const { bytes } = out;
    let at = bytes.write(`{"FailedRecordCount":${this.#failures.size},"Records":[`, 'latin1');
    for (let i = 0; i < this.#shards.length; i++) {
      const shard = this.#shards[i]!;
      const position = this.#positions[i]!;
      if (position === 0) {
        at = writeBytes(this.#failures.get(i)!.json, out, at);
      } else {
        at = writeBytes(BEFORE_NUMBER, out, at);
        shard.writeSequenceNumber(position, this.#arrivedMs[i]!, out, at);
        at = writeBytes(BEFORE_SHARD, out, at + SEQUENCE_NUMBER_DIGITS);
        at = writeBytes(shard.idBytes, out, at);
        bytes[at++] = QUOTE;
        bytes[at++] = BRACE;
      }
      bytes[at++] = COMMA;
    }
    // There is at least one record: the end takes the place of the last comma.
    at = writeBytes(this.#encryption === undefined ? END : END_ENCRYPTED, out, at - 1);
    return bytes.subarray(0, at);
  }

  #overLimitOf(shard: Shard): Failure {
    let failure = this.#overLimit.get(shard);
    if (failure === undefined) {
      failure = failureOf('ProvisionedThroughputExceededException', this.#stream.rateExceeded(shard));
      this.#overLimit.set(shard, failure);
    }
    return failure;
  }

  #bytesMax(): number {
    let bytes = HEAD_BYTES_MAX + END_ENCRYPTED.bytes.length;
    for (const { idBytes } of this.#shards) bytes += RESULT_BYTES + idBytes.bytes.length;
    for (const { json } of this.#failures.values()) bytes += json.bytes.length;
    return bytes;
  }
}

function failureOf(code: string, message: string): Failure {
  return { code, message, json: bytesOf(Buffer.from(JSON.stringify({ ErrorCode: code, ErrorMessage: message }))) };
}
