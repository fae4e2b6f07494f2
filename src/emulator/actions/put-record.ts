import { invalidArgument, throughputExceeded } from '../protocol/service-error.js';
import { structure } from '../protocol/shape.js';
import { BOOLEAN, DATA, HASH_KEY, PARTITION_KEY, SEQUENCE_NUMBER, STREAM_REFERENCE } from '../protocol/shapes.js';
import { RecordBatch } from '../store/record-batch.js';
import { parseSequenceNumber } from '../store/sequence-number.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import { damage } from './damage.js';
import { checkRecord, shardOf, writableStream } from './incoming-records.js';
import { endDryRun, operation } from './operation.js';

export const putRecord = operation({
  input: structure(
    {
      ...STREAM_REFERENCE,
      Data: DATA,
      PartitionKey: PARTITION_KEY,
      ExplicitHashKey: HASH_KEY,
      SequenceNumberForOrdering: SEQUENCE_NUMBER,
      DryRun: BOOLEAN,
    },
    ['Data', 'PartitionKey'],
  ),
  emulated: 'hash key, sequence numbers and SequenceNumberForOrdering as in the service; DryRun',
  run: (input, call) => {
    const stream = writableStream(input, call);
    const batch = RecordBatch.take();
    try {
      batch.add(input.PartitionKey, input.Data, input.ExplicitHashKey);
      checkRecord(stream, batch, 0, () => 'data');
      const shard = shardOf(stream, batch, 0);
      if (input.SequenceNumberForOrdering !== undefined) {
        checkOrdering(input.SequenceNumberForOrdering, stream, shard, call.now);
      }
      endDryRun(input);
      const position = shard.put(batch, 0, call.now);
      if (position === undefined) {
        throw throughputExceeded(stream.rateExceeded(shard));
      }
      if (call.storedFaults !== undefined)
        damage({ stream, shard, position, batch, i: 0 }, call.storedFaults, call.now);
      return {
        ShardId: shard.id,
        SequenceNumber: shard.sequenceNumber(position, shard.lastAtMs),
        EncryptionType: stream.encryptionAt(call.now),
      };
    } finally {
      batch.release();
    }
  },
});

/** A new record's number is above those of all earlier records, so only a number from the future is out of order. */
function checkOrdering(minimum: string, stream: Stream, shard: Shard, now: number): void {
  const number = parseSequenceNumber(minimum);
  const isPast =
    number !== undefined && (shard.owns(number) ? number.index < shard.nextPosition : number.seconds * 1000 <= now);
  if (isPast) return;
  throw invalidArgument(
    `ExclusiveMinimumSequenceNumber ${minimum} used in PutRecord on ${stream.description} is invalid.`,
  );
}
