import { type Bytes, bytesOf } from '../protocol/bytes.js';
import { BREAK, INDEFINITE, MAJOR } from '../protocol/cbor-head.js';
import { writeCbor } from '../protocol/cbor-writer.js';
import type { Output } from '../protocol/output.js';
import { SEQUENCE_NUMBER_DIGITS } from '../store/sequence-number.js';

/** The constant parts of a PutRecords response, in one format. */
export interface ResultsForm {
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

export const JSON_FORM: ResultsForm = {
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
export const CBOR_FORM: ResultsForm = {
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
