import { ServiceError } from '../protocol/service-error.js';
import { PUT_RECORD_INPUT } from '../protocol/shapes.js';
import { parseSequenceNumber } from '../store/sequence-number.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import { incomingRecord, store, writableStream } from './incoming-record.js';
import { operation } from './operation.js';

export const putRecord = operation(PUT_RECORD_INPUT, (input, call) => {
  const stream = writableStream(input, call);
  const record = incomingRecord(stream, input);
  if (input.SequenceNumberForOrdering !== undefined) {
    checkOrdering(input.SequenceNumberForOrdering, stream, record.shard, call.now);
  }
  const sequenceNumber = store(record, call.now);
  if (sequenceNumber === undefined) {
    throw new ServiceError('ProvisionedThroughputExceededException', stream.rateExceeded(record.shard));
  }
  return { ShardId: record.shard.id, SequenceNumber: sequenceNumber };
});

/** What was stored before has a lower number than what is stored now: only a number of the future is out of order. */
function checkOrdering(minimum: string, stream: Stream, shard: Shard, now: number): void {
  const number = parseSequenceNumber(minimum);
  const isPast =
    number !== undefined && (shard.owns(number) ? number.index < shard.nextPosition : number.seconds * 1000 <= now);
  if (isPast) return;
  throw new ServiceError(
    'InvalidArgumentException',
    `ExclusiveMinimumSequenceNumber ${minimum} used in PutRecord on ${stream.description} is invalid.`,
  );
}
