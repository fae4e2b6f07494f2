import { ServiceError } from '../protocol/service-error.js';
import { PUT_RECORDS_INPUT } from '../protocol/shapes.js';
import { type IncomingRecord, incomingRecord, store, writableStream } from './incoming-record.js';
import { operation } from './operation.js';

/** Data and keys of all records of a request. */
const REQUEST_BYTES_MAX = 10 * 1024 * 1024;

export const putRecords = operation(PUT_RECORDS_INPUT, (input, call) => {
  const stream = writableStream(input, call);
  // All records are checked before any is stored: a request that is refused leaves nothing behind.
  const records = input.Records.map((record, i) => incomingRecord(stream, record, i));
  checkSize(records);
  let failed = 0;
  const results = records.map((record) => {
    const fault = call.recordFaults?.hit(record.shard.id);
    if (fault !== undefined) {
      failed++;
      return { ErrorCode: fault.code, ErrorMessage: fault.message };
    }
    const sequenceNumber = store(record, call.now);
    if (sequenceNumber !== undefined) return { SequenceNumber: sequenceNumber, ShardId: record.shard.id };
    failed++;
    return {
      ErrorCode: 'ProvisionedThroughputExceededException',
      ErrorMessage: stream.rateExceeded(record.shard),
    };
  });
  return { FailedRecordCount: failed, Records: results };
});

function checkSize(records: readonly IncomingRecord[]): void {
  const bytes = records.reduce((sum, { keyBytes, data }) => sum + keyBytes + data.length, 0);
  if (bytes > REQUEST_BYTES_MAX) throw new ServiceError('InvalidArgumentException', 'Records size exceeds 10 MB limit');
}
