import { KloadError } from '../core/errors.js';
import type { Position } from '../core/stream-record.js';
import type { TopicReader } from '../kafka/read/topic-reader.js';
import type { ReadPage, ShardReader, ShardReading } from './shard-reader.js';

/** The assumed age of the next record if nothing better is known. Not 0, which would mean that there is none. */
const BEHIND_MIN_MS = 1;
const OUT_OF_RANGE_PAUSE_MS = 200;

/** Reads partitions from their leaders. Without `follow`, reads up to the end that each had when the tail began. */
export function pollPartitions(topic: TopicReader, follow: boolean): ShardReader {
  return (reading) => pollPartition(topic, follow, reading);
}

async function* pollPartition(
  topic: TopicReader,
  follow: boolean,
  reading: ShardReading,
): AsyncGenerator<ReadPage, void, void> {
  const { retrier, signal, positioned, pageBytesMax } = reading;
  const partition = Number(reading.shardId);
  try {
    let offset = await retrier.call(() => beginning(topic, partition, reading.from));
    const untilOffset = follow ? Number.POSITIVE_INFINITY : (await retrier.call(() => topic.range(partition))).end;
    positioned();
    for (;;) {
      if (offset >= untilOffset) {
        yield { records: [], behindMs: 0, children: [], ended: false, isEnough: true };
        return;
      }
      const page = await retrier.call(() =>
        topic.fetch(partition, offset, pageBytesMax(), signal).catch((error: unknown) => {
          if (!topic.isOutOfRange(error)) throw error;
        }),
      );
      if (page === undefined) {
        offset = await remaining(topic, partition, offset, reading);
        continue;
      }
      offset = page.nextOffset;
      const records = page.records.filter(({ sequenceNumber }) => Number(sequenceNumber) < untilOffset);
      const last = records.at(-1);
      const ageMs = last === undefined ? BEHIND_MIN_MS : Math.max(BEHIND_MIN_MS, Date.now() - last.arrivedAtMs);
      // The age is NaN if the record has no time.
      const behindMs = offset >= page.endOffset ? 0 : ageMs || BEHIND_MIN_MS;
      yield { records, behindMs, children: [], ended: false };
    }
  } finally {
    topic.leave(partition);
  }
}

/** Returns the first offset to read. Throws a KloadError if the partition does not have the one that the user named. */
async function beginning(topic: TopicReader, partition: number, from: Position): Promise<number> {
  const offset = await topic.offsetOf(partition, from);
  if (from.type !== 'AT_SEQUENCE_NUMBER') return offset;
  const { first, end } = await topic.range(partition);
  if (first <= offset && offset <= end) return offset;
  const holds = first === end ? `is empty, its next offset is ${end}` : `holds offsets ${first} to ${end - 1}`;
  throw new KloadError('target', `partition ${partition} has no offset ${offset} (--from)`, `the partition ${holds}`);
}

/** Returns the next offset to read, after records have left retention or the end of the log was truncated. */
async function remaining(
  topic: TopicReader,
  partition: number,
  offset: number,
  reading: ShardReading,
): Promise<number> {
  const { first, end } = await reading.retrier.call(() => topic.range(partition));
  // A broker that has just become the leader may not know all offsets yet, so pause before asking it again.
  await reading.retrier.pause(OUT_OF_RANGE_PAUSE_MS);
  const next = offset < first ? first : Math.min(offset, end);
  if (next !== offset) reading.lost(offset, next);
  return next;
}
