import { ServiceError } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import { PUT_RECORDS_INPUT } from '../protocol/shapes.js';
import { RecordBatch } from '../store/record-batch.js';
import type { Stream } from '../store/stream.js';
import { endDryRun } from './dry-run.js';
import { checkRecord, shardOf, writableStream } from './incoming-records.js';
import type { Call, Operation } from './operation.js';
import { scanCborPutRecords } from './put-records-cbor.js';
import { scanJsonPutRecords } from './put-records-json.js';
import { PutRecordsResults } from './put-records-results.js';

/** Data and keys of all records of a request. */
const REQUEST_BYTES_MAX = 10 * 1024 * 1024;

const QUICK = { json: scanJsonPutRecords, cbor: scanCborPutRecords };

export const putRecords: Operation = (read, call) => {
  const input = read(PUT_RECORDS_INPUT, QUICK);
  const batch = 'batch' in input ? input.batch : batchOf(input.Records);
  try {
    const stream = writableStream(input, call);
    check(stream, batch);
    // What is read the quick way has no DryRun.
    if ('DryRun' in input) endDryRun(input);
    return store(stream, batch, call);
  } finally {
    batch.release();
  }
};

function batchOf(records: Input<typeof PUT_RECORDS_INPUT>['Records']): RecordBatch {
  const batch = RecordBatch.take();
  for (const { PartitionKey, Data, ExplicitHashKey } of records) batch.add(PartitionKey, Data, ExplicitHashKey);
  return batch;
}

/** All records are checked before any is stored: a request that is refused leaves nothing behind. */
function check(stream: Stream, batch: RecordBatch): void {
  let bytes = 0;
  for (let i = 0; i < batch.count; i++) {
    checkRecord(stream, batch, i, pathOfData);
    bytes += batch.recordBytes(i);
  }
  if (bytes > REQUEST_BYTES_MAX) throw new ServiceError('InvalidArgumentException', 'Records size exceeds 10 MB limit');
}

function store(stream: Stream, batch: RecordBatch, { now, recordFaults }: Call): PutRecordsResults {
  const results = new PutRecordsResults(stream, batch.count, stream.encryptionAt(now));
  for (let i = 0; i < batch.count; i++) {
    const shard = shardOf(stream, batch, i);
    const fault = recordFaults?.hit(shard.id);
    if (fault === undefined) results.add(shard, shard.put(batch, i, now));
    else results.addFailure(shard, fault.code, fault.message);
  }
  return results;
}

function pathOfData(i: number): string {
  return `records.${i + 1}.member.data`;
}
