import { KloadError } from '../core/errors.js';
import type { Position } from '../core/stream-record.js';
import type { TopicReader } from '../kafka/read/topic-reader.js';
import type { ReadPage, ShardReader, ShardReading } from './shard-reader.js';

/** How old a record that was not read yet is at least, where nothing tells. */
const BEHIND_MIN_MS = 1;
const OUT_OF_RANGE_PAUSE_MS = 200;

/** Reads partitions from their leaders; where nothing is to be followed, up to the end that they had at first. */
export function pollPartitions(topic: TopicReader, follow: boolean): ShardReader {
  return (reading) => pollPartition(topic, follow, reading);
}

async function* pollPartition(
  topic: TopicReader,
  follow: boolean,
  reading: ShardReading,
): AsyncGenerator<ReadPage, void, void> {
  const { patience, signal, positioned, pageBytesMax } = reading;
  const partition = Number(reading.shardId);
  try {
    let offset = await patience.until(() => beginning(topic, partition, reading.from));
    const untilOffset = follow ? Number.POSITIVE_INFINITY : (await patience.until(() => topic.range(partition))).end;
    positioned();
    for (;;) {
      if (offset >= untilOffset) {
        yield { records: [], behindMs: 0, children: [], ended: false, isEnough: true };
        return;
      }
      const page = await patience.until(() =>
        outOfRangeAsUndefined(topic, topic.fetch(partition, offset, pageBytesMax(), signal)),
      );
      if (page === undefined) {
        offset = await remaining(topic, partition, offset, reading);
        continue;
      }
      offset = page.nextOffset;
      const records = page.records.filter(({ sequenceNumber }) => Number(sequenceNumber) < untilOffset);
      const last = records.at(-1);
      const ageMs = last === undefined ? BEHIND_MIN_MS : Math.max(BEHIND_MIN_MS, Date.now() - last.arrivedAtMs);
      // A record without a time leaves no number.
      const behindMs = offset >= page.endOffset ? 0 : ageMs || BEHIND_MIN_MS;
      yield { records, behindMs, children: [], ended: false };
    }
  } finally {
    topic.leave(partition);
  }
}

/** Throws a KloadError where the user named an offset that the partition does not have. */
async function beginning(topic: TopicReader, partition: number, from: Position): Promise<number> {
  const offset = await topic.offsetOf(partition, from);
  if (from.type !== 'AT_SEQUENCE_NUMBER') return offset;
  const { first, end } = await topic.range(partition);
  if (first <= offset && offset <= end) return offset;
  const holds = first === end ? `is empty, its next offset is ${end}` : `holds offsets ${first} to ${end - 1}`;
  throw new KloadError('target', `--from ${offset} is no offset of partition ${partition}`, `the partition ${holds}`);
}

/** Where to go on when what comes next has left retention, or when the log was cut behind it. */
async function remaining(
  topic: TopicReader,
  partition: number,
  offset: number,
  reading: ShardReading,
): Promise<number> {
  const { first, end } = await reading.patience.until(() => topic.range(partition));
  // A broker that has just become the leader may not know all offsets yet: it is asked again, but not at once.
  await reading.patience.pause(OUT_OF_RANGE_PAUSE_MS);
  const next = offset < first ? first : Math.min(offset, end);
  if (next !== offset) reading.lost(offset, next);
  return next;
}

async function outOfRangeAsUndefined<T>(topic: TopicReader, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (topic.isOutOfRange(error)) return undefined;
    throw error;
  }
}
