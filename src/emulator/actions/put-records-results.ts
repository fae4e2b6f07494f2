import { type Bytes, bytesOf, writeBytes } from '../protocol/bytes.js';
import { BREAK, INDEFINITE, MAJOR } from '../protocol/cbor-head.js';
import { writeCbor } from '../protocol/cbor-writer.js';
import { BulkOutput, type Output } from '../protocol/output.js';
import { SEQUENCE_NUMBER_DIGITS } from '../store/sequence-number.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** The constant parts of a PutRecords response, in one format. */
interface ResultsForm {
  head(failedCount: number): Buffer;
  readonly beforeNumber: Bytes;
  readonly beforeShard: Bytes;
  readonly afterShard: Bytes;
  /** The result of a record that failed. */
  failure(output: Output): Buffer;
  /** Between two results. */
  readonly separator: Bytes;
  readonly end: Bytes;
  readonly endEncrypted: Bytes;
}

/** All shard ids have this length. */
const SHARD_ID_BYTES = 'shardId-000000000000'.length;

const JSON_FORM: ResultsForm = {
  head: (failedCount) => Buffer.from(`{"FailedRecordCount":${failedCount},"Records":[`),
  beforeNumber: bytesOf(Buffer.from('{"SequenceNumber":"')),
  beforeShard: bytesOf(Buffer.from('","ShardId":"')),
  afterShard: bytesOf(Buffer.from('"}')),
  failure: (output) => Buffer.from(JSON.stringify(output)),
  separator: bytesOf(Buffer.from(',')),
  end: bytesOf(Buffer.from(']}')),
  endEncrypted: bytesOf(Buffer.from('],"EncryptionType":"KMS"}')),
};

const BREAK_BYTE = Buffer.of(BREAK);
const MAP = Buffer.of((MAJOR.map << 5) | INDEFINITE);
const LIST = Buffer.of((MAJOR.list << 5) | INDEFINITE);

/** The parts as `writeCbor` writes them. */
const CBOR_FORM: ResultsForm = {
  head: (failedCount) =>
    Buffer.concat([MAP, writeCbor('FailedRecordCount'), writeCbor(failedCount), writeCbor('Records'), LIST]),
  beforeNumber: bytesOf(Buffer.concat([MAP, writeCbor('SequenceNumber'), textHead(SEQUENCE_NUMBER_DIGITS)])),
  beforeShard: bytesOf(Buffer.concat([writeCbor('ShardId'), textHead(SHARD_ID_BYTES)])),
  afterShard: bytesOf(BREAK_BYTE),
  failure: writeCbor,
  separator: bytesOf(Buffer.alloc(0)),
  end: bytesOf(Buffer.concat([BREAK_BYTE, BREAK_BYTE])),
  endEncrypted: bytesOf(Buffer.concat([BREAK_BYTE, writeCbor('EncryptionType'), writeCbor('KMS'), BREAK_BYTE])),
};

/** The head of a text of this many ASCII characters. */
function textHead(length: number): Buffer {
  return writeCbor('0'.repeat(length)).subarray(0, -length);
}

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The result of each record of a PutRecords, in the order of the request. */
export class PutRecordsResults extends BulkOutput {
  readonly #stream: Stream;
  readonly #encryption: 'KMS' | undefined;
  readonly #shards: Shard[] = [];
  /** 0 for a record that failed. */
  readonly #positions: Float64Array;
  /** When each record arrived in its shard, epoch milliseconds. */
  readonly #arrivedMs: Float64Array;
  /** By the record's index in the request. */
  readonly #failures = new Map<number, Failure>();
  /** A shard that is over its limit usually refuses many records: they share one failure. */
  readonly #overLimit = new Map<Shard, Failure>();

  /** @param encryption how the records are encrypted; undefined: not at all */
  constructor(stream: Stream, count: number, encryption: 'KMS' | undefined) {
    super();
    this.#stream = stream;
    this.#encryption = encryption;
    this.#positions = new Float64Array(count);
    this.#arrivedMs = new Float64Array(count);
  }

  /** @param position undefined if the shard was over its limit */
  add(shard: Shard, position: number | undefined): void {
    const i = this.#shards.push(shard) - 1;
    this.#arrivedMs[i] = shard.lastAtMs;
    if (position === undefined) this.#failures.set(i, this.#overLimitOf(shard));
    else this.#positions[i] = position;
  }

  addFailure(shard: Shard, code: string, message: string): void {
    this.#failures.set(this.#shards.push(shard) - 1, { code, message });
  }

  toOutput(): Output {
    const results = this.#shards.map((shard, i) => {
      const failure = this.#failures.get(i);
      if (failure !== undefined) return outputOf(failure);
      return { SequenceNumber: shard.sequenceNumber(this.#positions[i]!, this.#arrivedMs[i]!), ShardId: shard.id };
    });
    return { FailedRecordCount: this.#failures.size, Records: results, EncryptionType: this.#encryption };
  }

  /** Equal to JSON.stringify of the output, but makes no object and no string per record: a third of the time. */
  toJsonBytes(): Buffer {
    return this.#toBytes(JSON_FORM);
  }

  /** Equal to `writeCbor` of the output. */
  toCborBytes(): Buffer {
    return this.#toBytes(CBOR_FORM);
  }

  #toBytes(form: ResultsForm): Buffer {
    const { beforeNumber, beforeShard, afterShard, separator } = form;
    const head = bytesOf(form.head(this.#failures.size));
    const failures = this.#writtenFailures(form);
    const end = this.#encryption === undefined ? form.end : form.endEncrypted;
    let bytesMax = head.bytes.length + end.bytes.length;
    const besideId =
      beforeNumber.bytes.length +
      SEQUENCE_NUMBER_DIGITS +
      beforeShard.bytes.length +
      afterShard.bytes.length +
      separator.bytes.length;
    for (const { idBytes } of this.#shards) bytesMax += besideId + idBytes.bytes.length;
    for (const failure of failures.values()) bytesMax += failure.bytes.length;
    const out = bytesOf(Buffer.allocUnsafe(bytesMax));
    let at = writeBytes(head, out, 0);
    for (let i = 0; i < this.#shards.length; i++) {
      if (i > 0) at = writeBytes(separator, out, at);
      const shard = this.#shards[i]!;
      const position = this.#positions[i]!;
      if (position === 0) {
        at = writeBytes(failures.get(i)!, out, at);
        continue;
      }
      at = writeBytes(beforeNumber, out, at);
      shard.writeSequenceNumber(position, this.#arrivedMs[i]!, out, at);
      at = writeBytes(beforeShard, out, at + SEQUENCE_NUMBER_DIGITS);
      at = writeBytes(shard.idBytes, out, at);
      at = writeBytes(afterShard, out, at);
    }
    at = writeBytes(end, out, at);
    return out.bytes.subarray(0, at);
  }

  /** The failures by record. Records that share a failure share its bytes. */
  #writtenFailures(form: ResultsForm): Map<number, Bytes> {
    const written = new Map<Failure, Bytes>();
    const ofRecords = new Map<number, Bytes>();
    for (const [i, failure] of this.#failures) {
      const bytes = written.get(failure) ?? bytesOf(form.failure(outputOf(failure)));
      written.set(failure, bytes);
      ofRecords.set(i, bytes);
    }
    return ofRecords;
  }

  #overLimitOf(shard: Shard): Failure {
    let failure = this.#overLimit.get(shard);
    if (failure === undefined) {
      failure = { code: 'ProvisionedThroughputExceededException', message: this.#stream.rateExceeded(shard) };
      this.#overLimit.set(shard, failure);
    }
    return failure;
  }
}

function outputOf({ code, message }: Failure): Output {
  return { ErrorCode: code, ErrorMessage: message };
}
