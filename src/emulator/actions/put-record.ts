import { ServiceError } from '../protocol/service-error.js';
import { PUT_RECORD_INPUT } from '../protocol/shapes.js';
import { RecordBatch } from '../store/record-batch.js';
import { parseSequenceNumber } from '../store/sequence-number.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import { endDryRun } from './dry-run.js';
import { checkRecord, shardOf, writableStream } from './incoming-records.js';
import { operation } from './operation.js';

export const putRecord = operation(PUT_RECORD_INPUT, (input, call) => {
  const stream = writableStream(input, call);
  const batch = RecordBatch.take();
  batch.add(input.PartitionKey, input.Data, input.ExplicitHashKey);
  checkRecord(stream, batch, 0, () => 'data');
  const shard = shardOf(stream, batch, 0);
  if (input.SequenceNumberForOrdering !== undefined) {
    checkOrdering(input.SequenceNumberForOrdering, stream, shard, call.now);
  }
  endDryRun(input);
  const position = shard.put(batch, 0, call.now);
  batch.release();
  if (position === undefined) {
    throw new ServiceError('ProvisionedThroughputExceededException', stream.rateExceeded(shard));
  }
  return {
    ShardId: shard.id,
    SequenceNumber: shard.sequenceNumber(position, shard.lastAtMs),
    EncryptionType: stream.encryptionAt(call.now),
  };
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
