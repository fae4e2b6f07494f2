import { invalidArgument } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import { RecordBatch } from '../store/record-batch.js';
import type { Stream } from '../store/stream.js';
import { damage } from './damage.js';
import { checkRecord, shardOf, writableStream } from './incoming-records.js';
import { type Call, endDryRun, type Operation } from './operation.js';
import { PUT_RECORDS_INPUT } from './packed-put-records.js';
import { scanCborPutRecords } from './put-records-cbor.js';
import { scanJsonPutRecords } from './put-records-json.js';
import { PutRecordsResults } from './put-records-results.js';

/** The limit on the data and keys of all records of a request. */
const REQUEST_BYTES_MAX = 10 * 1024 * 1024;

const QUICK = { json: scanJsonPutRecords, cbor: scanCborPutRecords };

export const putRecords: Operation = {
  input: PUT_RECORDS_INPUT,
  emulated: 'records fail one by one, as in the service; a refused request stores nothing; DryRun',
  run: (read, call) => {
    const input = read(PUT_RECORDS_INPUT, QUICK);
    const batch = 'batch' in input ? input.batch : RecordBatch.take();
    try {
      if ('Records' in input) addAll(batch, input.Records);
      const stream = writableStream(input, call);
      check(stream, batch);
      // A request with a DryRun is never read the quick way.
      if ('DryRun' in input) endDryRun(input);
      return store(stream, batch, call);
    } finally {
      batch.release();
    }
  },
};

function addAll(batch: RecordBatch, records: Input<typeof PUT_RECORDS_INPUT>['Records']): void {
  for (const { PartitionKey, Data, ExplicitHashKey } of records) batch.add(PartitionKey, Data, ExplicitHashKey);
}

/** Checks all records before any is stored, so that a refused request stores nothing. */
function check(stream: Stream, batch: RecordBatch): void {
  let bytes = 0;
  for (let i = 0; i < batch.count; i++) {
    checkRecord(stream, batch, i, pathOfData);
    bytes += batch.recordBytes(i);
  }
  if (bytes > REQUEST_BYTES_MAX) throw invalidArgument('Records size exceeds 10 MB limit');
}

function store(stream: Stream, batch: RecordBatch, { now, recordFaults, storedFaults }: Call): PutRecordsResults {
  const results = new PutRecordsResults(stream, batch.count, stream.encryptionAt(now));
  for (let i = 0; i < batch.count; i++) {
    const shard = shardOf(stream, batch, i);
    const fault = recordFaults?.hit(shard.id);
    if (fault === undefined) {
      const position = shard.put(batch, i, now);
      if (position !== undefined && storedFaults !== undefined) {
        damage({ stream, shard, position, batch, i }, storedFaults, now);
      }
      results.add(shard, position);
    } else {
      results.addFailure(shard, fault.code, fault.message);
    }
  }
  return results;
}

function pathOfData(i: number): string {
  return `records.${i + 1}.member.data`;
}
